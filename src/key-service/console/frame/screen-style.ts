/** Style of charts, tiles and tables of numbers, beside that of all pages. */
export const SCREEN_STYLE = `
:root{--c0:light-dark(#0b5fa5,#6db3f2);--c1:light-dark(#b3560d,#f0a060);--c2:light-dark(#1b7f4b,#5fce93);
--c3:light-dark(#8a3fa8,#cf9cf0);--c4:light-dark(#b8273d,#ff8a94);--c5:light-dark(#6b5b00,#d9c24a);
--c6:light-dark(#007d8a,#54cfdd);--c7:light-dark(#c2478f,#f79acb);--c8:light-dark(#5a6570,#b4c0cb);
--c9:light-dark(#7a4a21,#cfa27a);--rest:light-dark(#84909b,#74808b)}
.c0{fill:var(--c0)}.c1{fill:var(--c1)}.c2{fill:var(--c2)}.c3{fill:var(--c3)}.c4{fill:var(--c4)}.c5{fill:var(--c5)}
.c6{fill:var(--c6)}.c7{fill:var(--c7)}.c8{fill:var(--c8)}.c9{fill:var(--c9)}.rest{fill:var(--rest)}
.graph{margin:0 0 1rem;padding:.75rem;background:var(--card);border:1px solid var(--line);border-radius:.4rem}
.filters{grid-template-columns:repeat(auto-fill,minmax(10rem,1fr))}.filters button{justify-self:start}
.limited{fill:var(--c3)}td a bdi,th a bdi{display:inline-block;max-height:3em;overflow:hidden;vertical-align:top}
.plot{position:relative;min-height:200px}.plot svg{display:block;width:100%;height:170px;border:0;border-bottom:1px solid var(--soft);background:none}
.plot .highest{position:absolute;top:0;left:0;padding:0 .3rem;font-size:.8rem;color:var(--soft);background:var(--card)}
.marks{display:flex;justify-content:space-between;font-size:.8rem;color:var(--soft);padding-top:.2rem}
svg.swatch{display:inline-block;width:.8rem;height:.8rem;border:0;border-radius:.15rem;vertical-align:-.05rem;margin-right:.25rem}
.number{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}.time{white-space:nowrap}.soft{color:var(--soft)}
.sums th[scope=row],.numbers th[scope=row]{font-weight:400}.numbers td,.numbers th{padding:.2rem .6rem}
details{margin:.75rem 0}summary{cursor:pointer;color:var(--accent);padding:.25rem 0}
.tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(8.5rem,1fr));gap:.75rem;margin:0;padding:0;list-style:none}
.tiles li{display:grid}.tiles a{padding:.75rem .9rem;background:var(--card);border:1px solid var(--line);border-radius:.4rem;color:var(--soft);text-decoration:none}
.tiles a:hover{border-color:var(--accent)}.tiles strong{display:block;font-size:1.6rem;line-height:1.2;color:var(--ink)}
.attention{margin:0;padding:0;list-style:none;display:grid;gap:.5rem}
.attention li{padding:.5rem .9rem;background:var(--card);border:1px solid var(--line);border-left:.35rem solid var(--soft);border-radius:.4rem;overflow-wrap:anywhere}
.attention .bad{border-left-color:var(--bad)}.attention .warn{border-left-color:var(--warn)}.attention span{color:var(--ink)}
.columns{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,22rem),1fr));gap:1rem;margin:1rem 0}
.card{padding:.9rem;background:var(--card);border:1px solid var(--line);border-radius:.4rem}.card h2{margin:0 0 .5rem;font-size:1rem}
.waiting{display:grid;gap:.75rem;margin:.5rem 0 0;padding:0;list-style:none}.waiting li{display:flex;flex-wrap:wrap;gap:.5rem 1rem;align-items:center;justify-content:space-between}.waiting li>span{flex:1 1 18rem}
.gap,.wide+.wide,.graph+.wide{margin-top:1rem}.hint+.wide{margin-top:.5rem}.columns .wide{margin:0}.details{min-width:17rem;font-size:.9rem}.from{min-width:11rem;font-size:.9rem}.name{min-width:9rem}.notice p{margin:0}.notice p+p{margin-top:.35rem}
`;
