/** The style sheet of the plain HTML pages, which use no fonts, pictures or scripts. */
export const PAGE_STYLE = `:root {
  color-scheme: light dark;
  --text: #1c2421; --muted: #55615c; --back: #fbfcfb; --panel: #fff; --line: #dbe2de; --accent: #0b7a5b; --code: #eef3f0;
  --client: #8a4b00; --client-back: #fdf0dc; --server: #a3212f; --server-back: #fbe6e8; --shadow: #0005;
}
@media (prefers-color-scheme: dark) {
  :root {
    --text: #e6ece9; --muted: #9eaba5; --back: #121715; --panel: #1a211e; --line: #313b36; --accent: #5fd3ac; --code: #242d29;
    --client: #f4c481; --client-back: #3a2b12; --server: #f6a5ad; --server-back: #411b20; --shadow: #fff5;
  }
}
* { box-sizing: border-box; }
html { scroll-padding-top: 1rem; }
body { margin: 0; background: var(--back); color: var(--text); font: 1rem/1.6 system-ui, -apple-system, 'Segoe UI', Roboto, sans-serif; }
main { max-width: 68rem; margin: 0 auto; padding: 2rem 1.25rem 5rem; }
h1 { margin: 1.5rem 0 0.5rem; font-size: 2.25rem; line-height: 1.2; letter-spacing: -0.02em; }
h2 { margin: 3rem 0 1rem; font-size: 1.4rem; }
h3 { margin: 0; font-size: 1.05rem; font-family: ui-monospace, 'SF Mono', Menlo, Consolas, monospace; overflow-wrap: anywhere; }
p { margin: 0.5rem 0; }
a { color: var(--accent); text-underline-offset: 0.2em; }
.contents a { text-underline-offset: 0.35em; }
a:focus-visible, pre:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; border-radius: 2px; }
code, pre { font-family: ui-monospace, 'SF Mono', Menlo, Consolas, monospace; font-size: 0.875em; }
code { padding: 0.1em 0.35em; border-radius: 4px; background: var(--code); }
pre { margin: 0; padding: 1rem; overflow-x: auto; border: 1px solid var(--line); border-radius: 8px; line-height: 1.5; }
/* A shadow at an edge beyond which there is more: the covers scroll with the content, the shadows do not. */
pre, .table { background: linear-gradient(90deg, var(--panel) 30%, transparent) left / 3rem 100% no-repeat local, linear-gradient(270deg, var(--panel) 30%, transparent) right / 3rem 100% no-repeat local, linear-gradient(90deg, var(--shadow), transparent) left / 1rem 100% no-repeat scroll, linear-gradient(270deg, var(--shadow), transparent) right / 1rem 100% no-repeat scroll, var(--panel); }
pre code { padding: 0; background: none; font-size: 0.85em; }
p code, dd code { white-space: nowrap; }
.lead { max-width: 46rem; text-wrap: pretty; color: var(--muted); font-size: 1.125rem; }
.cards, .contents { margin: 2rem 0; padding: 0; list-style: none; }
.cards { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 22rem), 1fr)); gap: 1rem; }
.cards li { position: relative; padding: 1.25rem; border: 1px solid var(--line); border-radius: 10px; background: var(--panel); }
.cards li:hover { border-color: var(--accent); }
.cards a { font-weight: 600; font-size: 1.1rem; text-decoration: none; }
.cards a::after { content: ''; position: absolute; inset: 0; }
.cards p { margin: 0.25rem 0 0; color: var(--muted); text-wrap: pretty; }
.cards code { white-space: normal; overflow-wrap: anywhere; }
.examples { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 26rem), 1fr)); gap: 1rem; }
figure { display: flex; flex-direction: column; min-width: 0; margin: 0; }
figure pre { flex: 1; }
figcaption { margin-bottom: 0.5rem; color: var(--muted); }
abbr { text-decoration: none; }
.fields { display: grid; grid-template-columns: max-content 1fr; gap: 0.4rem 1.25rem; margin: 1.5rem 0; }
.fields dd { margin: 0; }
.contents { columns: 16rem; margin-top: 0; font-family: ui-monospace, 'SF Mono', Menlo, Consolas, monospace; font-size: 0.875rem; }
article { display: grid; grid-template-columns: 1fr auto; gap: 0 1rem; margin-top: 1rem; padding: 1.25rem; border: 1px solid var(--line); border-radius: 10px; background: var(--panel); }
article > :not(h3, .facts) { grid-column: 1 / -1; }
article p { margin: 0.25rem 0 0; }
article:target { border-color: var(--accent); box-shadow: 0 0 0 1px var(--accent); }
article a { color: inherit; text-decoration: none; }
article a:hover { text-decoration: underline; }
.facts { display: flex; gap: 0.75rem; align-items: baseline; margin: 0; color: var(--muted); font-size: 0.875rem; white-space: nowrap; }
.status { padding: 0.05rem 0.6rem; border-radius: 999px; font-weight: 600; }
.status-4 { background: var(--client-back); color: var(--client); }
.status-5 { background: var(--server-back); color: var(--server); }
.title { font-weight: 600; }
@media (max-width: 34rem) {
  article { grid-template-columns: 1fr; }
  .fields { grid-template-columns: 1fr; gap: 0.1rem; }
  .fields dd { margin-bottom: 0.6rem; }
}
`;
