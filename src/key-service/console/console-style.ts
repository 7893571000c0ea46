/** Style of the console: light, dark and forced colours, from 360 px up. */
export const CONSOLE_STYLE = `
:root{color-scheme:light dark;--ink:light-dark(#1b2127,#e9edf1);--soft:light-dark(#53606c,#a5b1bc);
--paper:light-dark(#f4f6f8,#12161a);--card:light-dark(#fff,#1b2127);--line:light-dark(#c3ccd4,#47525c);
--accent:light-dark(#0b5fa5,#8cc3f5);--on-accent:light-dark(#fff,#0b1a28);--bad:light-dark(#a3121f,#ff9d9d);
--warn:light-dark(#8a5a00,#f0c060)}
*{box-sizing:border-box}
body{margin:0;background:var(--paper);color:var(--ink);font:1rem/1.5 system-ui,"Liberation Sans",sans-serif}
.skip{position:absolute;left:-99rem}.skip:focus{left:.5rem;top:.5rem;background:var(--card);padding:.5rem}
.top{display:flex;flex-wrap:wrap;gap:.5rem 1.25rem;align-items:center;padding:.6rem 1.25rem;background:var(--card);border-bottom:1px solid var(--line)}
.top form{margin-left:auto}nav{display:flex;flex-wrap:wrap;gap:.25rem 1.25rem}
nav a[aria-current]{font-weight:700;color:var(--ink)}
main{max-width:76rem;margin:0 auto;padding:1.25rem}
main.small{max-width:30rem}
h1{margin:0 0 1rem;font-size:1.5rem;line-height:1.25;overflow-wrap:anywhere}h2{margin:1.75rem 0 .5rem;font-size:1.15rem}
a{color:var(--accent)}:focus-visible{outline:3px solid var(--accent);outline-offset:2px}
label,legend{font-weight:600}
input:not([type=checkbox]),select,textarea{width:100%;padding:.45rem .6rem;font:inherit;color:inherit;background:var(--card);border:1px solid var(--soft);border-radius:.4rem}
textarea{min-height:6rem;font-family:ui-monospace,"Liberation Mono",monospace;font-size:.9rem}
button,.button{display:inline-block;padding:.45rem .9rem;font:inherit;font-weight:600;color:var(--on-accent);background:var(--accent);border:1px solid transparent;border-radius:.4rem;text-decoration:none;cursor:pointer}
.plain{color:var(--accent);background:transparent;border-color:var(--accent)}
.danger{background:var(--bad);color:var(--paper)}
.filters{display:grid;grid-template-columns:repeat(auto-fit,minmax(10rem,1fr));gap:.75rem;align-items:end;margin-bottom:1rem}
.fields{display:grid;gap:1rem;max-width:38rem}
.actions{display:flex;flex-wrap:wrap;gap:.75rem;align-items:center;margin:1rem 0}
.hint{margin:.25rem 0 0;font-size:.9rem;color:var(--soft)}.bad{color:var(--bad)}.warn{color:var(--warn)}
.notice{padding:.7rem .9rem;border:1px solid var(--line);border-left-width:.35rem;border-radius:.4rem;background:var(--card)}
.secret{font:1rem/1.4 ui-monospace,"Liberation Mono",monospace;overflow-wrap:anywhere;user-select:all}
pre{white-space:pre-wrap;overflow-wrap:anywhere}
.wide{overflow-x:auto}table{border-collapse:collapse;width:100%;background:var(--card)}
th,td{padding:.45rem .6rem;text-align:left;border-bottom:1px solid var(--line);vertical-align:top;overflow-wrap:anywhere}
td{min-width:5rem}td.check{min-width:0}
td bdi{unicode-bidi:isolate}caption{text-align:left;color:var(--soft);padding:.4rem .6rem}
dl{display:grid;grid-template-columns:max-content 1fr;gap:.35rem 1.25rem;margin:0}dt{color:var(--soft)}dd{margin:0;overflow-wrap:anywhere}
svg{display:block;width:100%;height:9rem;background:var(--card);border:1px solid var(--line)}
.answered{fill:var(--accent)}.client_error{fill:var(--warn)}.limited{fill:var(--soft)}.server_error{fill:var(--bad)}
@media(max-width:30rem){dl{grid-template-columns:1fr;gap:0}dd{margin-bottom:.5rem}main{padding:1rem .75rem}}
`;
