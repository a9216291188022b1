import { describe, expect, it } from '@jest/globals';
import { html, prose } from './html.js';

describe('html', () => {
  it('escapes every character that could end text or an attribute', () => {
    expect(html`<a title="${`<>&"'`}">x</a>`.markup).toBe('<a title="&#60;&#62;&#38;&#34;&#39;">x</a>');
  });

  it('inserts markup, lists of markup and numbers unescaped', () => {
    const list = [html`<b>${1}</b>`, html`<b>${'<'}</b>`];
    expect(html`${list}${html`<i></i>`}`.markup).toBe('<b>1</b><b>&#60;</b><i></i>');
  });

  it('renders backticks in prose as code and still escapes it', () => {
    expect(html`${prose('Send `a<b` again.')}`.markup).toBe('Send <code>a&#60;b</code> again.');
  });
});
