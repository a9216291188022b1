import { SITE_NAV_STYLE } from './site-nav.js';

/** The script that starts Swagger UI in the browser. */
export const SWAGGER_START_SCRIPT = `'use strict';
const dark = matchMedia('(prefers-color-scheme: dark)');
const applyScheme = () => document.documentElement.classList.toggle('dark-mode', dark.matches);
dark.addEventListener('change', applyScheme);
applyScheme();
const { demoKey } = document.getElementById('swagger-ui').dataset;
const ui = SwaggerUIBundle({
  url: '/openapi.json',
  dom_id: '#swagger-ui',
  deepLinking: true,
  displayRequestDuration: true,
  persistAuthorization: true,
  // The default badge sends the document's URL to a public service.
  validatorUrl: null,
  onComplete() {
    // Not if the reader has entered another key, or logged out.
    if (demoKey !== '' && localStorage.getItem('authorized') === null) ui.preauthorizeApiKey('bearer', demoKey);
  },
});
`;

/** Styles that the stock page adds to the distributed style sheet, and those of the links above the reference. */
export const SWAGGER_STYLE = `html { box-sizing: border-box; overflow-y: scroll; }
*, *::before, *::after { box-sizing: inherit; }
body { margin: 0; }
.responses-inner { overflow-x: auto; }
${SITE_NAV_STYLE}`;
