/** The style of the guides: prose with tables and code, beside a list of all guides or, on narrow screens, above it. */
export const GUIDE_STYLE = `.guide main { max-width: 52rem; }
.guide h1 { margin-top: 0.5rem; }
.guide h2, .guide h3 { font-family: inherit; text-wrap: balance; }
.guide h3 { margin: 2rem 0 0.5rem; font-size: 1.15rem; }
.guide main :is(h2, h3, h4) a { color: inherit; text-decoration: none; }
.guide main :is(h2, h3, h4) a:hover { text-decoration: underline; }
.guide p, .guide main ul, .guide main ol { margin: 0.75rem 0; }
.guide main li { margin: 0.3rem 0; }
.guide pre { margin: 1rem 0; }
.guide pre code { font-size: 0.95em; }
.guide :is(p, li) > code, .guide :is(p, li) > :not(pre) > code { white-space: normal; overflow-wrap: anywhere; }
.table { margin: 1rem 0; overflow-x: auto; border: 1px solid var(--line); border-radius: 8px; }
.table:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
table { width: 100%; border-collapse: collapse; font-size: 0.9375rem; line-height: 1.5; }
th, td { padding: 0.5rem 0.9rem; text-align: start; vertical-align: top; }
th { color: var(--muted); font-weight: 600; }
tr + tr td, tbody td { border-top: 1px solid var(--line); }
td code { overflow-wrap: anywhere; }
td { min-width: 4.5rem; }
td:first-child { min-width: 8rem; }
td:last-child:not([align]) { min-width: 9rem; }
td[align='right'] { text-align: end; }
th[align='right'] { text-align: end; }
nav.sections p { margin: 1.5rem 0 0; color: var(--muted); font-size: 0.875rem; font-weight: 600; }
nav.sections ul { margin-top: 0.25rem; columns: 14rem; padding-left: 1.25rem; }
nav.guides { display: block; padding: 0 1.25rem 3rem; }
nav.guides h2 { margin: 1.5rem 0 0.25rem; color: var(--muted); font-size: 0.875rem; }
nav.guides ul { margin: 0; padding: 0; list-style: none; }
nav.guides a { display: block; padding: 0.2rem 0; text-decoration: none; }
nav.guides a:hover { text-decoration: underline; }
nav.guides a[aria-current] { color: var(--text); font-weight: 600; }
@media (max-width: 34rem) {
  th, td { padding: 0.5rem 0.6rem; }
  td:first-child { min-width: 7rem; }
}
@media (min-width: 64rem) {
  .guide { display: grid; grid-template-columns: 15rem minmax(0, 1fr); max-width: 72rem; margin: 0 auto; }
  .guide main { margin: 0; }
  nav.guides { grid-column: 1; grid-row: 1; position: sticky; top: 0; align-self: start; max-height: 100vh; overflow-y: auto; padding-top: 1.5rem; }
}
`;
