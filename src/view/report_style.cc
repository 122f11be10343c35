// Colours are for those who see them: every layer has its own pattern and every outcome its word.
// Sizes are in pixels where the drawings' are.
#include "view/report_page.h"

namespace slipway::report {

std::string_view style() {
  return R"(
:root{color-scheme:light dark;--paper:#fff;--ink:#1b2330;--soft:#566274;--line:#d5dbe3;--panel:#f4f6f9;
--old:#9aa5b4;--new:#1f63d0;--new-b:#b9d0f5;--other:#8a3fb0;--other-b:#ecd9f5;--starting:#a05a00;--starting-b:#fdebcc;
--good:#14713a;--bad:#b3261e;--warn:#8a5300;--call:#1b2330}
@media (prefers-color-scheme:dark){:root{--paper:#12161d;--ink:#e4e9f0;--soft:#a3afbf;--line:#343d4a;--panel:#1b212b;
--old:#6c7889;--new:#7fb0ff;--new-b:#1c3f78;--other:#d39bf0;--other-b:#4a2360;--starting:#ffc266;--starting-b:#4b3410;
--good:#6fd596;--bad:#ff8a80;--warn:#ffc266;--call:#e4e9f0}}
*{box-sizing:border-box}
body{margin:0;background:var(--paper);color:var(--ink);font:15px/1.45 system-ui,-apple-system,"Segoe UI",Roboto,"DejaVu Sans",sans-serif;overflow-wrap:anywhere}
main{max-width:1280px;margin:0 auto;padding:20px 24px 40px}
h1{font-size:22px;line-height:1.25;margin:0 0 8px}
h2{font-size:17px;margin:32px 0 8px}
h3{font-size:15px;margin:0}
p{margin:4px 0}
code,pre{font:13px/1.4 ui-monospace,"DejaVu Sans Mono",Menlo,Consolas,monospace}
pre{background:var(--panel);border:1px solid var(--line);border-radius:6px;padding:8px;white-space:pre-wrap;margin:6px 0}
.soft{color:var(--soft)}
.badge{display:inline-block;font-weight:600;border:2px solid currentColor;border-radius:999px;padding:1px 12px;margin:0 0 8px}
.good{color:var(--good)}.bad{color:var(--bad)}.warn{color:var(--warn)}.none{color:var(--soft)}
.reason{font-size:16px;border-left:4px solid var(--bad);padding-left:12px;margin:8px 0}
.facts{display:flex;flex-wrap:wrap;gap:2px 20px;margin:8px 0;font-size:14px}
.facts div{display:flex;gap:6px}
.facts dt{color:var(--soft)}
.facts dd{margin:0}
ul{margin:6px 0;padding-left:22px}
.legend{display:flex;flex-wrap:wrap;gap:4px 16px;list-style:none;padding:0;font-size:13px}
.legend li{display:flex;align-items:center;gap:6px}
.swatch{flex:none;display:inline-block;vertical-align:-1px;overflow:visible}
.lane{display:grid;grid-template-columns:248px minmax(0,1fr);gap:2px 16px;padding:8px 0;border-top:1px solid var(--line);break-inside:avoid}
.lane .what{font-size:13px;margin:0}
.lane .nothing{font-size:13px}
.lane p.what{align-self:end}
.times{position:sticky;top:0;background:var(--paper);z-index:1;border-top:0;padding:2px 0 0}
.lane details{grid-column:2}
svg{display:block}
.definitions{position:absolute}
.swatch{display:inline-block}
.axis text,.chart text{font-size:12px;fill:var(--soft)}
.axis{overflow:visible}
.axis line,.grid line{stroke:var(--line);stroke-width:1;shape-rendering:crispEdges}
.old,.new,.other,.starting,.stopping,.calls,.throttled{shape-rendering:crispEdges}
.old rect{fill:var(--old)}
.new rect{fill:url(#p-new)}
.other rect{fill:url(#p-other)}
.starting rect{fill:url(#p-starting)}
.stopping rect{fill:url(#p-stopping)}
.calls rect{fill:var(--soft)}
.throttled rect{fill:url(#p-other)}
#p-new .b{fill:var(--new-b)}#p-new .f{fill:var(--new)}
#p-other .b{fill:var(--other-b)}#p-other .f{fill:var(--other)}
#p-starting .b{fill:var(--starting-b)}#p-starting .f{fill:var(--starting)}
#p-stopping .b{fill:var(--paper)}#p-stopping .f{fill:var(--old)}
.wanted line{stroke:var(--ink);stroke-width:1.5;stroke-dasharray:5 3}
.hover rect{fill:transparent}
.hover rect:hover{fill:var(--ink);fill-opacity:.12}
.m-call{fill:var(--call)}
.m-event{fill:var(--soft)}
.m-good{fill:none;stroke:var(--good);stroke-width:2.5}
.m-failure{fill:none;stroke:var(--bad);stroke-width:2.5}
.m-back{fill:var(--bad)}
.m-waiting{fill:none;stroke:var(--warn);stroke-width:3}
.m-unsure{fill:none;stroke:var(--warn);stroke-width:2}
.m-error{fill:none;stroke:var(--warn);stroke-width:2.5}
.weight line{stroke:var(--new);stroke-width:2}
details{font-size:13px;margin:2px 0}
summary{cursor:pointer;color:var(--soft)}
table{border-collapse:collapse;width:100%;font-size:14px}
caption{text-align:left;color:var(--soft);padding:2px 0}
th,td{text-align:left;vertical-align:top;padding:5px 12px 5px 0;border-bottom:1px solid var(--line)}
th{font-weight:600;color:var(--soft)}
.numbers{font-size:13px;width:auto}
.numbers td+td,.numbers th+th{text-align:right}
.numbers .words,.numbers .words+th{text-align:left}
.cards td[data-label="Took"]{white-space:nowrap}
.cards th[scope="row"]{color:var(--ink)}
.scroll{overflow-x:auto}
thead th{overflow-wrap:normal}
.events td:nth-child(2){min-width:130px}
.events td:first-child{white-space:nowrap;font-variant-numeric:tabular-nums}
.next{background:var(--panel);border:1px solid var(--line);border-radius:8px;padding:10px 14px}
.failure{border-top:1px solid var(--line);padding:10px 0}
footer{margin-top:32px;color:var(--soft);font-size:13px}
@media (max-width:720px){
main{padding:12px 14px 32px}
h1{font-size:19px}
.lane{grid-template-columns:minmax(0,1fr)}
.lane details{grid-column:1}
.times .what{display:none}
.cards thead{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
.cards,.cards caption,.cards tbody,.cards tr,.cards td,.cards th{display:block;width:100%}
.cards tr{border-bottom:1px solid var(--line);padding:8px 0}
.cards td,.cards th{border:0;padding:1px 0;min-width:0 !important}
.cards td[data-label]::before{content:attr(data-label) ": ";color:var(--soft)}
}
@media print{
body{font-size:11pt}
main{max-width:none;padding:0}
.times{position:static}
rect,path{print-color-adjust:exact;-webkit-print-color-adjust:exact}
}
)";
}

}  // namespace slipway::report
