import { maskToken } from '../../chat/chat.ts';
import type { RunResult } from '../../chat/termination-run.ts';
import { statuses, type Status } from '../../protocol.ts';
import type { PartState } from '../ops/ops-routes.ts';
import type { ChatPage, Position } from './chat-list.ts';
import { chartsSection } from './charts.ts';
import type { Sample } from './history.ts';
import { adminPaths } from './layout.ts';

/** Everything that the page shows. */
export interface Dashboard {
  readonly states: Readonly<Record<string, PartState>>;
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
    stateSection(view.states),
    countsSection(view),
    terminationSection(view),
    chartsSection(view.samples, view.historySize),
    listSection(view),
  ].join('\n');
}

function stateSection(states: Dashboard['states']): string {
  const parts = Object.entries(states).map(
    ([name, state]) => `<div><dt>${name}</dt><dd>${state}</dd></div>`,
  );
  return `<section aria-labelledby="state"><h2 id="state">State</h2><dl class="facts">${parts.join('')}</dl></section>`;
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
      return `<a href="${link(status)}#list"${mark}>${status ?? 'all'}</a>`;
    })
    .join('');

function chatTable({ chats }: ChatPage): string {
  if (chats.length === 0) return '<p>None.</p>';
  const rows = chats.map(
    (chat) => `<tr><td class="code">${maskToken(chat.token)}</td>
<td><time datetime="${new Date(chat.created).toISOString()}">${readable(chat.created)}</time></td>
<td>${chat.status}</td><td>${chat.joiner === null ? 1 : 2}</td></tr>`,
  );
  return `<div class="scroll" tabindex="0" role="region" aria-label="Chats as a table">
<table><caption>The newest first; times in UTC</caption>
<thead><tr><th scope="col">Token</th><th scope="col">Created</th><th scope="col">Status</th><th scope="col">People</th></tr></thead>
<tbody>${rows.join('\n')}</tbody></table></div>`;
}

function pager({ isFirst, status }: Dashboard, { next }: ChatPage): string {
  const newest = isFirst ? '' : `<a class="button small" href="${link(status)}#list">Newest</a>`;
  const older =
    next === null ? '' : `<a class="button small" href="${link(status, next)}#list">Older</a>`;
  return newest + older;
}

function terminationSection({ formToken, hasQueue, status }: Dashboard): string {
  const where = hasQueue ? 'in the queue, for a worker' : 'in this process';
  return `<section aria-labelledby="termination">
<h2 id="termination">Termination</h2>
<p>Ends chats over their lifetime and removes finished ones. It runs by itself on its schedule; this runs it once more, now, ${where}.</p>
<form method="post" action="${link(status)}">
<input type="hidden" name="form" value="${formToken}">
<button class="button primary">Run termination now</button>
</form>
</section>`;
}

function resultText(result: RunResult): string {
  switch (result.outcome) {
    case 'done':
      return `Termination ran in ${result.milliseconds} ms. Over their lifetime and ended: ${result.expired}. Finished and removed: ${result.removed}.`;
    case 'unreachable':
      return 'The queue does not answer. Is Redis there?';
    case 'running':
      return 'Termination is still running. It goes on without this page.';
    case 'waiting':
      return 'Termination is in the queue, but no worker has taken it yet. Is one running?';
    case 'failed':
      return 'Termination failed. The log says why.';
  }
}

function link(status: Status | null, position?: Position): string {
  const query = new URLSearchParams();
  if (status !== null) query.set('status', status);
  if (position !== undefined) {
    query.set('before', String(position.created));
    query.set('shown', String(position.shown));
  }
  const text = query.toString().replaceAll('&', '&amp;');
  return text === '' ? adminPaths.home : `${adminPaths.home}?${text}`;
}

const readable = (time: number): string =>
  new Date(time).toISOString().slice(0, 19).replace('T', ' ');
