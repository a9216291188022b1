/** The script that starts Swagger UI in the browser. */
export const SWAGGER_START_SCRIPT = `'use strict';
const dark = matchMedia('(prefers-color-scheme: dark)');
const applyScheme = () => document.documentElement.classList.toggle('dark-mode', dark.matches);
dark.addEventListener('change', applyScheme);
applyScheme();
SwaggerUIBundle({
  url: '/openapi.json',
  dom_id: '#swagger-ui',
  deepLinking: true,
  displayRequestDuration: true,
  persistAuthorization: false,
  // The default badge sends the document's URL to a public service.
  validatorUrl: null,
});
`;

/** Styles that the stock page adds to the distributed style sheet, and those of the links above the reference. */
export const SWAGGER_STYLE = `html { box-sizing: border-box; overflow-y: scroll; }
*, *::before, *::after { box-sizing: inherit; }
body { margin: 0; }
nav { display: flex; flex-wrap: wrap; gap: 0.25rem 1.5rem; padding: 0.75rem 20px; background: #0b7a5b; font: 1rem/1.5 system-ui, sans-serif; }
nav a { color: #fff; text-decoration: none; }
nav a:first-child { margin-inline-end: auto; font-weight: 600; }
nav a:hover, nav a:focus-visible { text-decoration: underline; }
`;
