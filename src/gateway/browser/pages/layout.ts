import { html, trustedHtml, type Html } from '../../../lib/http/html.js';

/** Style of the gateway's own pages: light, dark and forced colours, from 320 px up. */
export const PAGE_STYLE = `
:root{color-scheme:light dark;--ink:light-dark(#1b2127,#e9edf1);--soft:light-dark(#53606c,#a5b1bc);
--paper:light-dark(#f4f6f8,#12161a);--card:light-dark(#fff,#1b2127);--line:light-dark(#7c8894,#6f7c88);
--accent:light-dark(#0b5fa5,#8cc3f5);--on-accent:light-dark(#fff,#0b1a28);--bad:light-dark(#a3121f,#ff9d9d)}
*{box-sizing:border-box}
body{margin:0;min-height:100vh;display:grid;place-items:center;padding:1rem;background:var(--paper);color:var(--ink);
font:1rem/1.5 system-ui,"Liberation Sans",sans-serif}
main{width:100%;max-width:27rem;padding:2rem 1.75rem;background:var(--card);border:1px solid var(--line);border-radius:.75rem}
main.wide{max-width:36rem}
h1{margin:0 0 1.25rem;font-size:1.5rem;line-height:1.25}
label{display:block;font-weight:600}
input{width:100%;margin:.25rem 0 0;padding:.6rem .7rem;font:inherit;color:inherit;background:transparent;border:1px solid var(--line);border-radius:.4rem}
input[aria-invalid=true]{border-color:var(--bad)}
button,.button{display:inline-block;padding:.6rem 1.1rem;font:inherit;font-weight:600;color:var(--on-accent);background:var(--accent);
border:1px solid transparent;border-radius:.4rem;text-decoration:none;cursor:pointer}
button{width:100%;margin-top:1.25rem}
.plain{color:var(--accent);background:transparent;border-color:var(--accent)}
a{color:var(--accent)}
:focus-visible{outline:3px solid var(--accent);outline-offset:2px}
.hint,.privacy{margin:.4rem 0 0;font-size:.9rem;color:var(--soft)}
.privacy{margin-top:1.25rem}
.notice{margin:0 0 1.25rem;padding:.7rem .8rem;border:1px solid var(--line);border-left-width:.35rem;border-radius:.4rem}
.notice.bad{border-color:var(--bad);color:var(--bad)}
dl{display:grid;grid-template-columns:max-content 1fr;gap:.5rem 1.25rem;margin:0 0 1.5rem}
dt{color:var(--soft)}dd{margin:0;overflow-wrap:anywhere}
.actions{display:flex;flex-wrap:wrap;gap:.75rem;align-items:center}.actions button{width:auto;margin:0}
@media(max-width:30rem){main{padding:1.5rem 1.1rem}dl{grid-template-columns:1fr;gap:0}dd{margin-bottom:.6rem}}
`;

export interface Layout {
  readonly lang: string;
  readonly title: string;
  readonly wide?: boolean;
  readonly main: Html;
  readonly script?: string;
}

/** A whole document of the gateway's own. */
export function layout({ lang, title, wide = false, main, script }: Layout): Html {
  // Their digests stand in the policy: not one character may come between tag and content.
  const style = trustedHtml(`<style>${PAGE_STYLE}</style>`);
  const ownScript = script === undefined ? undefined : trustedHtml(`<script>${script}</script>`);
  return html`<!doctype html>
    <html lang="${lang}">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width,initial-scale=1" />
        <meta name="robots" content="noindex" />
        <title>${title}</title>
        <link rel="icon" href="data:," />
        ${style}
      </head>
      <body>
        <main${wide && trustedHtml(' class="wide"')}>
          <h1>${title}</h1>
          ${main}
        </main>
        ${ownScript}
      </body>
    </html> `;
}
