import { html, trustedHtml, type HtmlPart } from './html.js';

describe('an HTML template', () => {
  it('escapes what is inserted, in text and in quoted attributes', () => {
    const hostile = `<img src=x onerror="alert('1')">&`;
    expect(html`<p title="${hostile}">${hostile}</p>`.text).toBe(
      '<p title="&lt;img src=x onerror=&quot;alert(&#39;1&#39;)&quot;&gt;&amp;">' +
        '&lt;img src=x onerror=&quot;alert(&#39;1&#39;)&quot;&gt;&amp;</p>',
    );
  });

  it('takes HTML as it stands, joins lists and leaves out nothing', () => {
    const items: HtmlPart[] = ['a<', html`<b>${1}</b>`, false, null, undefined];
    expect(html`${items}${trustedHtml('<hr>')}${''}`.text).toBe('a&lt;<b>1</b><hr>');
  });
});
