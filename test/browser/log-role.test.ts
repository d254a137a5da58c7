import type { CDPSession } from 'playwright-core';
import { lineSaying, say, STORY_TIMEOUT, usePeople } from './support.ts';

jest.setTimeout(STORY_TIMEOUT);

interface AxNode {
  nodeId: string;
  backendDOMNodeId?: number;
  role?: { value: string };
  name?: { value: string };
  properties?: { name: string; value: { value: unknown } }[];
  childIds?: string[];
}

/** What a node says of itself: whether it is live, and how. */
const property = (node: AxNode, name: string): unknown =>
  node.properties?.find((one) => one.name === name)?.value.value;

/** All below a node, in the order in which it is read. */
function below(node: AxNode, nodes: ReadonlyMap<string, AxNode>): AxNode[] {
  return (node.childIds ?? []).flatMap((id) => {
    const child = nodes.get(id);
    return child ? [child, ...below(child, nodes)] : [];
  });
}

/** The live region that a node belongs to; the tree itself tells it of the log alone. */
async function liveness(session: CDPSession, { backendDOMNodeId }: AxNode): Promise<unknown> {
  const { object } = await session.send('DOM.resolveNode', {
    backendNodeId: backendDOMNodeId ?? 0,
  });
  const { result } = await session.send('Runtime.callFunctionOn', {
    objectId: object.objectId ?? '',
    returnByValue: true,
    functionDeclaration: `function () {
      return (this.nodeType === 3 ? this.parentElement : this).closest('[aria-live]').ariaLive;
    }`,
  });
  return result.value;
}

describe('the accessibility tree', () => {
  const people = usePeople();

  test('has one polite log that says who wrote what, and no marks of delivery', async () => {
    await people.talk();
    const { creator, joiner } = people;
    await say(creator.page, 'Is it you?');
    await say(creator.page, 'Hello?');
    await lineSaying(joiner.page, 'Hello?').waitFor();
    await say(joiner.page, 'It is me');
    await lineSaying(creator.page, 'It is me').waitFor();
    await creator.page.locator('.mark[data-kind="confirmed"]').nth(1).waitFor();

    const session = await creator.context.newCDPSession(creator.page);
    const tree = (await session.send('Accessibility.getFullAXTree')) as { nodes: AxNode[] };
    const nodes = new Map(tree.nodes.map((node) => [node.nodeId, node]));
    const logs = tree.nodes.filter(({ role }) => role?.value === 'log');
    expect(logs).toHaveLength(1);
    const [log] = logs as [AxNode];
    expect([log.name?.value, property(log, 'live'), property(log, 'relevant')]).toEqual([
      'Messages',
      'polite',
      'additions',
    ]);

    const inside = below(log, nodes);
    const texts = inside.filter(({ role }) => role?.value === 'StaticText');
    const announced: string[] = [];
    for (const node of texts) {
      if ((await liveness(session, node)) === 'polite')
        announced.push(node.name?.value.trim() ?? '');
    }
    expect(announced.slice(announced.indexOf('You:'))).toEqual([
      'You:',
      'Is it you?',
      'You:',
      'Hello?',
      'Talker:',
      'It is me',
    ]);
    const marks = inside.filter(({ role }) => role?.value === 'image');
    expect(marks).toHaveLength(2);
    for (const mark of marks) expect(await liveness(session, mark)).toBe('off');
  });
});
