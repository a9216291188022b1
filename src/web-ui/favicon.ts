import { Asset } from './asset.js';

export const ICON_SVG = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32">
<rect width="32" height="32" rx="8" fill="#0b7a5b"/>
<path d="M7 9.5A2.5 2.5 0 0 1 9.5 7h9A2.5 2.5 0 0 1 21 9.5v5A2.5 2.5 0 0 1 18.5 17H12l-5 4z" fill="#fff"/>
<path d="M23 13h.5A2.5 2.5 0 0 1 26 15.5V26l-4.5-4H15a2.5 2.5 0 0 1-2.3-1.5" fill="none" stroke="#fff" stroke-width="2" stroke-linejoin="round"/>
</svg>`;

/** The icon of every page. Without one, browsers request `/favicon.ico` and log its 404. */
export const FAVICON = Asset.ofText('/docs/assets/icon-*.svg', 'image/svg+xml', ICON_SVG);
