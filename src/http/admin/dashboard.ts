import { maskToken } from '../../chat/chat.ts';
import type { RunResult } from '../../chat/termination-run.ts';
import { statuses, type Status } from '../../protocol.ts';
import type { ChatPage, Position } from './chat-list.ts';
import { chartsSection } from './charts.ts';
import type { Sample } from './history.ts';
import { adminPaths } from './layout.ts';
import { limitsSection, type LimitsView } from './limits-table.ts';
import { overviewSection, readableTime, type Overview } from './overview.ts';

/** Seconds after which the page asks for itself again. */
export const RENEW_AFTER_SECONDS = 15;

/** Everything that the page shows. */
export interface Dashboard {
  readonly overview: Overview;
  readonly limits: LimitsView;
  /** Whether the page renews itself. */
  readonly isRenewed: boolean;
  /** `null`: the storage does not answer. */
  readonly page: ChatPage | null;
  readonly status: Status | null;
  readonly isFirst: boolean;
  readonly samples: readonly Sample[];
  readonly historySize: number;
  readonly formToken: string;
  readonly hasQueue: boolean;
  /** Of a run that was just asked for. */
  readonly result: RunResult | null;
}

/** The page as HTML. Of a chat it shows a masked token, times and counts; nothing that a stranger could use. */
export function dashboard(view: Dashboard): string {
  return [
    view.result === null ? '' : `<p class="result" role="status">${resultText(view.result)}</p>`,
    ageOf(view),
    overviewSection(view.overview),
    countsSection(view),
    terminationSection(view),
    chartsSection(view.samples, view.historySize),
    limitsSection(view.limits),
    listSection(view),
  ].join('\n');
}

/** How old the figures are; whoever reads slowly can have them stand still. */
function ageOf({ overview, isRenewed, status }: Dashboard): string {
  const at = overview.signs.at;
  const time = `<time datetime="${new Date(at).toISOString()}">${readableTime(at)} UTC</time>`;
  const renewal = isRenewed
    ? `The page renews itself every ${RENEW_AFTER_SECONDS} s. <a href="${link({ status, renew: 'off' })}">Let it stand still</a>`
    : `The page stands still. <a href="${link({ status })}">Let it renew itself</a>`;
  return `<p class="hint">As it was at ${time}. ${renewal}</p>`;
}

function countsSection({ page }: Dashboard): string {
  const counts = statuses.map(
    (status) => `<div><dt>${status}</dt><dd>${page?.counts[status]}</dd></div>`,
  );
  return `<section aria-labelledby="chats"><h2 id="chats">Chats</h2>
${page === null ? '<p class="notice">The storage does not answer.</p>' : `<dl class="facts">${counts.join('')}</dl>`}
</section>`;
}

function listSection(view: Dashboard): string {
  if (view.page === null) return '';
  return `<section aria-labelledby="list">
<h2 id="list">List of chats</h2>
<nav class="filter" aria-label="Chats by status">${filter(view.status)}</nav>
${chatTable(view.page)}
<p class="actions">${pager(view, view.page)}</p>
</section>`;
}

const filter = (current: Status | null): string =>
  [null, ...statuses]
    .map((status) => {
      const mark = status === current ? ' aria-current="true"' : '';
      return `<a href="${link({ status })}#list"${mark}>${status ?? 'all'}</a>`;
    })
    .join('');

function chatTable({ chats }: ChatPage): string {
  if (chats.length === 0) return '<p>None.</p>';
  const rows = chats.map(
    (chat) => `<tr><td class="code">${maskToken(chat.token)}</td>
<td><time datetime="${new Date(chat.created).toISOString()}">${readableTime(chat.created)}</time></td>
<td>${chat.status}</td><td>${chat.joiner === null ? 1 : 2}</td></tr>`,
  );
  return `<div class="scroll" tabindex="0" role="region" aria-label="Chats as a table">
<table><caption>The newest first; times in UTC</caption>
<thead><tr><th scope="col">Token</th><th scope="col">Created</th><th scope="col">Status</th><th scope="col">People</th></tr></thead>
<tbody>${rows.join('\n')}</tbody></table></div>`;
}

function pager({ isFirst, status }: Dashboard, { next }: ChatPage): string {
  const newest = isFirst
    ? ''
    : `<a class="button small" href="${link({ status })}#list">Newest</a>`;
  const older =
    next === null
      ? ''
      : `<a class="button small" href="${link({ status, ...next })}#list">Older</a>`;
  return newest + older;
}

function terminationSection({ formToken, hasQueue, overview, status }: Dashboard): string {
  const where = hasQueue ? 'in the queue, for a worker' : 'in this process';
  // Whether the queue answers is known from what stands in the same Redis.
  const isAway = hasQueue && overview.signs.termination === null;
  const notice = isAway
    ? '<p class="notice" id="away">The queue does not answer: Redis is away. Nothing can be asked of the workers until it is back.</p>'
    : '';
  return `<section aria-labelledby="termination">
<h2 id="termination">Termination</h2>
<p>Ends chats over their lifetime and removes finished ones. It runs by itself on its schedule; this runs it once more, now, ${where}.</p>
${notice}
<form method="post" action="${link({ status })}">
<input type="hidden" name="form" value="${formToken}">
<button class="button primary"${isAway ? ' disabled aria-describedby="away"' : ''}>Run termination now</button>
</form>
</section>`;
}

function resultText(result: RunResult): string {
  switch (result.outcome) {
    case 'done':
      return `Termination ran in ${result.milliseconds} ms. Over their lifetime and ended: ${result.expired}. Finished and removed: ${result.removed}.`;
    case 'unreachable':
      return 'The queue does not answer. Is Redis there?';
    case 'lost':
      return 'Termination is in the queue, but the queue has stopped answering. Whether it ran, the last run above says once Redis is back.';
    case 'running':
      return 'Termination is still running. It goes on without this page.';
    case 'waiting':
      return 'Termination is in the queue, but no worker has taken it yet. Is one running?';
    case 'failed':
      return 'Termination failed. The log says why.';
  }
}

interface LinkTo extends Partial<Position> {
  readonly status: Status | null;
  readonly renew?: 'off';
}

function link({ status, created, shown, renew }: LinkTo): string {
  const query = new URLSearchParams();
  if (status !== null) query.set('status', status);
  if (created !== undefined) query.set('before', String(created));
  if (shown !== undefined) query.set('shown', String(shown));
  if (renew !== undefined) query.set('renew', renew);
  const text = query.toString().replaceAll('&', '&amp;');
  return text === '' ? adminPaths.home : `${adminPaths.home}?${text}`;
}
