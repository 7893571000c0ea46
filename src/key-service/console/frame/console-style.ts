/** Style of the console: light, dark and forced colours, from 360 px up. */
export const CONSOLE_STYLE = `
:root{color-scheme:light dark;--ink:light-dark(#1b2127,#e9edf1);--soft:light-dark(#53606c,#a5b1bc);
--paper:light-dark(#f4f6f8,#12161a);--card:light-dark(#fff,#1b2127);--line:light-dark(#d3dae0,#39434c);
--accent:light-dark(#0b5fa5,#8cc3f5);--on-accent:light-dark(#fff,#0b1a28);--bad:light-dark(#a3121f,#ff9d9d);
--warn:light-dark(#8a5a00,#f0c060);--good:light-dark(#17693a,#7fd6a0)}
*{box-sizing:border-box}
body{margin:0;background:var(--paper);color:var(--ink);font:1rem/1.5 system-ui,"Liberation Sans",sans-serif}
.skip{position:absolute;left:-99rem}.skip:focus{left:.5rem;top:.5rem;z-index:1;background:var(--card);padding:.5rem}
.top{display:flex;flex-wrap:wrap;gap:.5rem 1.25rem;align-items:center;padding:.6rem 1.25rem;background:var(--card);border-bottom:1px solid var(--line)}
.top form{display:flex;flex-wrap:wrap;gap:.5rem;align-items:center;margin-left:auto;font-size:.9rem;color:var(--soft)}
nav{display:flex;flex-wrap:wrap;gap:.25rem 1.25rem}
nav a{text-decoration:none}nav a:hover{text-decoration:underline}nav a[aria-current]{font-weight:700;color:var(--ink)}
main{width:100%;max-width:80rem;padding:1.25rem 1.5rem 3rem}
main.small{max-width:30rem;margin:0 auto}
@media(min-width:64rem){
.signed-in{display:grid;grid-template-columns:13rem minmax(0,1fr);min-height:100vh}
.signed-in .top{position:sticky;top:0;height:100vh;flex-flow:column nowrap;overflow-y:auto;align-items:stretch;padding:1.25rem 0;border:0;border-right:1px solid var(--line)}
.signed-in nav{flex-direction:column;gap:0}
.signed-in nav a{padding:.4rem 1.25rem;border-left:4px solid transparent}
.signed-in nav a[aria-current]{border-color:var(--accent);background:var(--paper)}
.signed-in .top form{flex-direction:column;align-items:start;margin:auto 1.25rem 0}}
h1{margin:0 0 1rem;font-size:1.5rem;line-height:1.25;overflow-wrap:anywhere}h2{margin:2rem 0 .5rem;font-size:1.15rem}
a{color:var(--accent)}:focus-visible{outline:3px solid var(--accent);outline-offset:2px}
label,legend{font-weight:600}
fieldset{min-width:0;margin:0;padding:.75rem 1rem 1rem;border:1px solid var(--line);border-radius:.4rem;background:var(--card)}
input:not([type=checkbox]),select,textarea{width:100%;min-height:2.6rem;padding:.45rem .6rem;font:inherit;color:inherit;background:var(--card);border:1px solid var(--soft);border-radius:.4rem}
textarea{min-height:5rem;font-family:ui-monospace,"Liberation Mono",monospace;font-size:.9rem}
[aria-invalid=true]{border:2px solid var(--bad)!important}
button,.button{display:inline-block;padding:.45rem .9rem;font:inherit;font-weight:600;color:var(--on-accent);background:var(--accent);border:1px solid transparent;border-radius:.4rem;text-decoration:none;cursor:pointer}
.plain{color:var(--accent);background:transparent;border-color:var(--accent)}
.danger{background:var(--bad);color:var(--paper)}
.filters{display:grid;grid-template-columns:repeat(auto-fit,minmax(9rem,1fr));gap:.75rem;align-items:end;margin-bottom:1rem}
.filters .actions{margin:0}.filters .search{grid-column:span 2}.notice+.filters{margin-top:1rem}
.fields{display:grid;gap:1rem;max-width:46rem}.fields>p,.fields>ul,.fields>.actions{margin:0}.fields details,.pair+div{margin-top:.75rem}
.pair{display:grid;grid-template-columns:repeat(auto-fit,minmax(13rem,1fr));gap:1rem;align-items:start}
.ticks{display:grid;grid-template-columns:repeat(auto-fill,minmax(19rem,1fr));gap:.35rem 1rem;margin-top:.35rem}
.ticks label{display:grid;grid-template-columns:auto 1fr;gap:0 .5rem;align-items:start;align-content:start;font-weight:400}.ticks .hint{grid-column:2;margin:0}
.fields>details{margin:0}.request{display:grid;grid-template-columns:8rem minmax(0,1fr);gap:1rem;align-items:start}.answer{margin-top:1rem}.answer dl{margin-top:.75rem}.answer ul{margin:0;padding-left:1.1rem}.notice span{color:var(--ink)}
summary{font-weight:600;cursor:pointer;color:var(--accent)}
.actions{display:flex;flex-wrap:wrap;gap:.75rem;align-items:center;margin:1rem 0}
.counts{display:flex;flex-wrap:wrap;gap:.5rem;margin:0 0 1.25rem;padding:0;list-style:none}
.counts a{display:block;padding:.35rem .75rem;color:inherit;background:var(--card);border:1px solid var(--line);border-radius:.4rem;text-decoration:none}
.counts a:hover{border-color:var(--accent)}.counts strong{font-variant-numeric:tabular-nums}
.lineage li{margin-bottom:.5rem}.lineage .notice{margin-top:.35rem;color:var(--ink)}.lineage .notice.warn{border-left-color:var(--warn)}.notice p,.notice .actions{margin:.15rem 0}
.halves{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,26rem),1fr));gap:1rem;align-items:start;margin-top:1rem}
[aria-current=true]{font-weight:700;color:var(--ink);text-decoration:none}
.hint{margin:.25rem 0 0;font-size:.9rem;font-weight:400;color:var(--soft)}.bad{color:var(--bad)}.warn{color:var(--warn)}.good{color:var(--good)}.soft{color:var(--soft)}.none{margin:0;padding:.75rem}
p.bad{margin:.25rem 0 0}
.notice{padding:.7rem .9rem;border:1px solid var(--line);border-left:.35rem solid;border-radius:.4rem;background:var(--card)}
.secret{padding:.7rem .9rem;background:var(--card);border:1px solid var(--line);border-radius:.4rem;font:1rem/1.4 ui-monospace,"Liberation Mono",monospace;overflow-wrap:anywhere;user-select:all}
pre{white-space:pre-wrap;overflow-wrap:anywhere}
.wide{overflow-x:auto;border:1px solid var(--line);border-radius:.4rem;background:var(--card)}table{border-collapse:collapse;width:100%}
th,td{padding:.45rem .75rem;text-align:left;border-bottom:1px solid var(--line);vertical-align:top;overflow-wrap:anywhere}
tbody tr:last-child>*{border-bottom:0}thead th{color:var(--soft);font-size:.85rem;white-space:nowrap}thead a{color:inherit}time{white-space:nowrap}
td{min-width:5rem}.list td{overflow-wrap:break-word}.list .key{min-width:11rem;max-width:22rem;overflow-wrap:anywhere}.list .own{max-width:14rem;overflow-wrap:anywhere}.list .state,.list code{white-space:nowrap}.list td.own{min-width:6.5rem}td.check{min-width:0}.number{text-align:right;font-variant-numeric:tabular-nums;min-width:0}
bdi{unicode-bidi:isolate}caption{text-align:left;color:var(--soft);padding:.5rem .75rem}
code{font-size:.88em;overflow-wrap:anywhere}
dl{display:grid;grid-template-columns:max-content minmax(0,1fr);gap:.35rem 1.25rem;margin:0}dt{color:var(--soft)}dd{margin:0;overflow-wrap:anywhere}
.bars{display:block;width:7.5rem;height:1.6rem;border-bottom:1px solid var(--line)}
.bars path{fill:var(--accent)}
.answered{fill:var(--accent)}.client_error{fill:var(--warn)}.limited{fill:var(--soft)}.server_error{fill:var(--bad)}
@media(max-width:30rem){.request{grid-template-columns:1fr}.filters .search{grid-column:auto}dl{grid-template-columns:1fr;gap:0}dd{margin-bottom:.5rem}main{padding:1rem .75rem}}
`;
