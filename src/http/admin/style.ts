/**
 * What the administration needs beyond the style sheet of the pages. It is served behind the password
 * like everything else here, and not from `/assets`: nobody else can tell that there is one.
 */
export const adminStyle = `
.admin main { max-width: 64rem; }
.admin h2 { margin-top: 1.5rem; }
.admin .site-header { display: flex; flex-wrap: wrap; align-items: center; gap: 0 1.25rem; max-width: 64rem; }
.admin .facts { display: grid; grid-template-columns: repeat(auto-fit, minmax(10rem, 1fr)); gap: 0.75rem; margin: 0 0 1rem; }
.admin .facts > div { padding: 0.6rem 0.9rem; border: 1px solid var(--line); border-radius: var(--radius); background: var(--surface); }
.admin dt { color: var(--muted); font-size: 0.9rem; }
.admin dd { margin: 0; font-size: 1.35rem; font-weight: 600; font-variant-numeric: tabular-nums; }
.admin .state { border-inline-start-width: 6px; }
.admin .facts > .ok { border-inline-start-color: var(--accent); }
.admin .facts > .degraded { border-inline-start-color: var(--warn-text); background: var(--warn-ground); }
.admin .facts > .degraded dd { color: var(--warn-text); }
.admin .facts > .down { border-inline-start-color: var(--danger); }
.admin .facts > .down dd { color: var(--danger); }
.admin .facts .admin-words { font-size: 0.9rem; font-weight: 400; }
.admin .verdict { padding: 0.75rem 1rem; border-inline-start: 6px solid var(--accent); border-radius: var(--radius); background: var(--tint); font-weight: 600; }
.admin .verdict.degraded { border-color: var(--warn-text); background: var(--warn-ground); color: var(--warn-text); }
.admin .verdict.down { border-color: var(--danger); background: var(--danger); color: var(--on-danger); }
.admin .charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(13rem, 100%), 1fr)); gap: 0.75rem; }
.admin figure { margin: 0; padding: 0.75rem 0.9rem; border: 1px solid var(--line); border-radius: var(--radius); background: var(--surface); }
.admin figcaption { display: flex; justify-content: space-between; gap: 0.5rem; font-weight: 600; }
.admin figcaption span { color: var(--muted); font-weight: 400; font-variant-numeric: tabular-nums; }
.admin svg { display: block; width: 100%; height: 5rem; margin-top: 0.5rem; color: var(--accent); }
.admin svg .axis { stroke: var(--control-line); }
.admin .scale { display: flex; justify-content: space-between; color: var(--muted); font-size: 0.85rem; }
.admin .scroll { overflow-x: auto; }
.admin table { width: 100%; border-collapse: collapse; font-variant-numeric: tabular-nums; }
.admin caption { padding: 0.25rem 0; color: var(--muted); text-align: start; }
.admin th, .admin td { padding: 0.45rem 0.75rem 0.45rem 0; border-bottom: 1px solid var(--line); text-align: start; overflow-wrap: normal; }
.admin .filter { display: flex; flex-wrap: wrap; gap: 0 1rem; }
.admin .filter a, .admin .site-header a { display: inline-flex; align-items: center; min-height: var(--target); }
.admin .filter [aria-current] { color: var(--text); font-weight: 700; text-decoration: none; }
.admin summary { padding-block: 0.6rem; }
.admin .actions { margin-top: 0.75rem; }
.admin .result { padding: 0.75rem 1rem; border-radius: var(--radius); background: var(--tint); }
`;
