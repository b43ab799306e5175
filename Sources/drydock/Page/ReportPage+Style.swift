// The page's style: light or dark as is wanted, narrow or wide, on a screen or on paper.

extension ReportPage {
  static let style = """
    :root {
      color-scheme: light dark;
      --paper: #ffffff; --ink: #1c2430; --faint: #5b6673; --rule: #d7dde4; --row: #f3f5f8;
      --accent: #0b63c4; --bad: #c2261b; --lock: #7b3fb5; --wait: #b36e00; --edge: #7d8896;
    }
    @media (prefers-color-scheme: dark) {
      :root {
        --paper: #12161c; --ink: #e4e9ef; --faint: #9aa7b5; --rule: #323b46; --row: #1a2028;
        --accent: #6cb0ff; --bad: #ff7a6e; --lock: #c79bff; --wait: #f0b64a; --edge: #6f7b8a;
      }
    }
    * { box-sizing: border-box; }
    body { margin: 0; background: var(--paper); color: var(--ink);
      font: 15px/1.5 system-ui, "DejaVu Sans", sans-serif; }
    header, main { padding: 0 24px; overflow-wrap: anywhere; }
    header { padding-top: 20px; }
    h1 { font-size: 26px; margin: 0; letter-spacing: -0.01em; }
    h2 { font-size: 18px; margin: 28px 0 8px; }
    #summary { margin: 2px 0 0; color: var(--faint); }
    .tools { display: flex; flex-wrap: wrap; gap: 6px; align-items: center; margin-bottom: 8px; }
    button { font: inherit; color: inherit; background: var(--row); border: 1px solid var(--edge);
      border-radius: 6px; padding: 3px 10px; cursor: pointer; }
    button:hover { border-color: var(--accent); }
    select, #wanted, #filter { font: inherit; color: inherit; background: var(--paper); max-width: 100%;
      border: 1px solid var(--edge); border-radius: 6px; padding: 3px 6px; }
    #wanted::placeholder, #filter::placeholder { color: var(--faint); opacity: 1; }
    #go { display: flex; gap: 4px; }
    #sql { width: 100%; font: 13px/1.45 ui-monospace, "DejaVu Sans Mono", monospace;
      color: inherit; background: var(--paper); border: 1px solid var(--edge); border-radius: 8px;
      padding: 8px; resize: vertical; margin-bottom: 8px; }
    button:disabled { opacity: 0.5; cursor: default; }
    [hidden] { display: none !important; }
    .tools label { display: inline-flex; align-items: center; gap: 6px; margin-right: 6px; }
    .tools [type=checkbox] { width: 15px; height: 15px; margin: 0; }
    #more { display: none; }
    header p { margin: 2px 0 0; }
    #trouble, .bad { color: var(--bad); }
    button:focus-visible, select:focus-visible, #wanted:focus-visible, #filter:focus-visible, #sql:focus-visible,
    .wide:focus-visible, #tree:focus-visible, canvas:focus-visible, summary:focus-visible,
    [type=checkbox]:focus-visible {
      outline: 2px solid var(--accent); outline-offset: 1px; }
    /* What scrolls would cut off a ring around it. */
    canvas:focus-visible, .wide:focus-visible, #tree:focus-visible {
      outline-width: 3px; outline-offset: -3px; }
    #window { margin-left: auto; color: var(--faint); font-variant-numeric: tabular-nums; }
    #scroller { max-height: min(max(560px, 45vh), 52vh); overflow-y: auto;
      border: 1px solid var(--rule); border-radius: 8px; }
    #canvas { display: block; position: sticky; top: 0; width: 100%; cursor: crosshair;
      touch-action: pan-y; }
    #legend { list-style: none; display: flex; flex-wrap: wrap; gap: 4px 18px; padding: 0;
      margin: 8px 0; color: var(--faint); font-size: 13px; }
    .swatch { display: inline-block; margin-right: 6px; vertical-align: -2px; }
    #detail { border: 1px solid var(--rule); border-radius: 8px; padding: 4px 14px;
      background: var(--row); min-height: 56px; margin-top: 8px; }
    #detail p { margin: 6px 0; }
    code, pre { font: 13px/1.45 ui-monospace, "DejaVu Sans Mono", monospace; }
    pre { overflow-x: auto; margin: 6px 0; white-space: pre; }
    #detail pre { white-space: pre-wrap; }
    table { border-collapse: collapse; font-size: 13px; font-variant-numeric: tabular-nums; }
    .wide { overflow: auto; max-height: calc(28.5px + 18 * 24.5px); }
    /* A shadow at each edge beyond which there is more: what scrolls along covers it at the end. */
    .wide, #tree, #relations {
      --ground: var(--paper); --shade: color-mix(in srgb, var(--edge) 40%, transparent);
      background:
        linear-gradient(var(--ground) 40%, transparent) top / 100% 24px no-repeat local,
        linear-gradient(transparent, var(--ground) 60%) bottom / 100% 24px no-repeat local,
        linear-gradient(to right, var(--ground) 40%, transparent) left / 24px 100% no-repeat local,
        linear-gradient(to right, transparent, var(--ground) 60%) right / 24px 100% no-repeat local,
        linear-gradient(var(--shade), transparent) top / 100% 9px no-repeat scroll,
        linear-gradient(transparent, var(--shade)) bottom / 100% 9px no-repeat scroll,
        linear-gradient(to right, var(--shade), transparent) left / 9px 100% no-repeat scroll,
        linear-gradient(to right, transparent, var(--shade)) right / 9px 100% no-repeat scroll; }
    #detail .wide { --ground: var(--row); }
    th { position: sticky; top: 0; background: var(--paper); text-align: left; font-weight: 600;
      border-bottom: 1px solid var(--rule); padding: 4px 10px; white-space: nowrap; }
    #detail th { background: var(--row); }
    td { padding: 2px 10px; border-bottom: 1px solid var(--row); white-space: nowrap; }
    td.number, th.number { text-align: right; }
    td.story { white-space: normal; }
    td.bars { width: 220px; min-width: 60px; }
    .bar { height: 9px; background: var(--accent); border-radius: 2px; }
    details { margin: 6px 0; }
    summary { cursor: pointer; font-weight: 600; padding: 3px 0; }
    .none, .note { color: var(--faint); }
    #tree { position: relative; overflow: auto; border: 1px solid var(--rule); border-radius: 8px; }
    #tree-rows { position: relative; }
    .leaf { position: absolute; left: 0; right: 0; height: 24px; line-height: 24px; white-space: nowrap;
      padding-left: calc(6px + var(--depth) * 16px); cursor: pointer; }
    .leaf:hover { background: var(--row); }
    #tree:focus-visible .leaf[aria-selected=true] { background: var(--row);
      box-shadow: inset 3px 0 var(--accent); }
    .leaf { overflow: hidden; text-overflow: ellipsis; }
    .leaf .note, .place { white-space: pre; }
    .twisty { display: inline-block; width: 16px; color: var(--faint); }
    #minimap { display: block; width: 100%; height: 34px; margin-bottom: 6px; border-radius: 6px;
      cursor: grab; touch-action: none; }
    #tip { position: fixed; z-index: 2; max-width: min(420px, 90vw); padding: 4px 9px; font-size: 13px;
      background: var(--paper); border: 1px solid var(--edge); border-radius: 6px; pointer-events: none;
      box-shadow: 0 2px 8px rgb(0 0 0 / 0.25); overflow-wrap: anywhere; }
    #made { display: flex; flex-wrap: wrap; gap: 2px 20px; margin: 6px 0 0; font-size: 13px; }
    #made div { display: flex; gap: 6px; }
    #made dt { color: var(--faint); }
    #made dd { margin: 0; font-variant-numeric: tabular-nums; }
    #sums { margin-top: 8px; }
    #sums h3 { font-size: 15px; margin: 10px 0 0; }
    #sums p { margin: 4px 0; }
    #sums .wide { max-height: calc(28.5px + 9 * 24.5px); margin-top: 6px; }
    .chip { display: inline-block; width: 11px; height: 11px; border-radius: 3px;
      margin-right: 6px; vertical-align: -1px; }
    .chip, .bar { forced-color-adjust: none; print-color-adjust: exact; -webkit-print-color-adjust: exact; }
    #query p { margin: 0 0 8px; }
    #relations { max-height: 420px; overflow: auto; }
    #relations h3 { font-size: 14px; margin: 12px 0 4px; color: var(--faint); }
    #relations dl { margin: 2px 0 8px 18px; font-size: 13px; }
    #relations dt { font-family: ui-monospace, "DejaVu Sans Mono", monospace; }
    #relations dd { margin: 0 0 2px 20px; color: var(--faint); }
    #relations details { margin: 2px 0; }
    #relations summary { font-weight: 400; }
    .jump { color: var(--accent); background: none; border: 0; padding: 0; text-align: left; }
    @media (max-width: 560px) {
      header, main { padding: 0 12px; }
      h1 { font-size: 21px; }
      .tools:not(.all) .further { display: none !important; }
      #more { display: inline-block; }
      #filter { flex: 1 1 120px; min-width: 0; }
      td, th { padding-left: 6px; padding-right: 6px; }
      .leaf { padding-left: calc(2px + var(--depth) * 8px); height: 44px; line-height: 20px; padding-top: 2px; }
      .leaf .lived { position: absolute; top: 21px; left: calc(36px + var(--depth) * 8px); font-size: 13px; }
      .leaf .place strong { font-size: 13px; }
      .leaf .place .note { font-size: 12px; }
      #relations dl { margin-left: 4px; }
      #relations dd { margin-left: 10px; }
    }
    @media print {
      header, main { padding: 0; }
      .tools, form, #refresh, #schema, #minimap, #tip { display: none; }
      #scroller, #tree, .wide { max-height: none !important; overflow: visible; }
      .wide, #tree, #relations { background: none; }
      #tree { height: auto !important; border: 0; }
      #rows { height: auto !important; }
      #canvas { position: static; height: auto !important; }
      .jump { color: inherit; }
    }
    """
}
