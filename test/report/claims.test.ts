import { expect, it } from 'vitest';
import { claimTexts } from '../../src/report/claims-text.js';
import { formats } from '../../src/report/index.js';
import { reportData } from '../../src/report/format.js';
import type { ClaimPart, DecidedClaim, RunRecord } from '../../src/results/types.js';
import { fixture } from './fixture.js';

const part = (more: Partial<ClaimPart>): ClaimPart =>
  ({ on: 'fine-tune, mean of 4 tasks', protocolHashes: ['0123456789ab'], verdict: 'unresolved', effect: 0.012, interval: { low: -0.003, high: 0.0274 }, over: '5 seeds and 312 test images', reason: 'its interval holds the bound', settledBy: [{ what: 'seeds', count: 1200 }, { what: 'test images', count: 624 }], detectable: 0.0312, ...more });
const claim = (more: Partial<DecidedClaim>): DecidedClaim =>
  ({ id: 'a', text: 'MoCE <is> better.', source: 'Someone.', test: 'moce \u2212 mae > 0', unit: 'fraction', bound: { kind: 'above', value: 0, tolerance: 0 }, verdict: 'unresolved', reason: 'its interval holds the bound', parts: [part({})], ...more });

const claims: readonly DecidedClaim[] = [
  claim({}),
  claim({
    id: 'b', unit: 'ratio', verdict: 'refuted', reason: null,
    parts: [part({ on: 'vit_tiny', protocolHashes: [], verdict: 'refuted', effect: 0.61234, interval: { low: 0.6, high: 0.62 }, over: '10 rounds', reason: null, settledBy: [] }), part({ on: 'vit_base', protocolHashes: [], verdict: 'supported', effect: 0.5, interval: null, over: '2 rounds', reason: null, settledBy: [] })],
  }),
  claim({ id: 'c', unit: 'share', verdict: 'supported', reason: null, parts: [part({ on: 'knn, 4 tasks', verdict: 'supported', effect: 0.25, interval: { low: 0.25, high: 0.5 }, over: '3 tasks decided of 4', reason: null, settledBy: [] })] }),
  claim({ id: 'd', verdict: 'not-asked', reason: 'no entry is called "moce"', parts: [] }),
];

it('claims are text in the unit of each, with what would settle the open ones', () => {
  const [a, b, c, d] = claimTexts(claims);
  expect(a).toMatchObject({ verdict: 'unresolved', why: 'its interval holds the bound; a truth 3.1 points from the bound would be found in 4 of 5 such runs; about 1,200 seeds or 624 test images in all would settle it in 4 of 5 such runs, were effect and spread to stay as they are' });
  expect(a!.parts).toEqual([{ on: 'fine-tune, mean of 4 tasks', hashes: '0123456789ab', effect: '+1.2 [\u22120.3, +2.7] points', over: '5 seeds and 312 test images', verdict: '' }]);
  expect(b!.parts.map(({ effect, verdict }) => [effect, verdict])).toEqual([['0.612 [0.6, 0.62]', 'refuted'], ['0.5', 'supported']]);
  expect(b!.why).toBe('');
  expect(c!.parts[0]!.effect).toBe('25 % of tasks by the means (25 to 50 % as the open ones fall)');
  const share = claim({ unit: 'share', parts: [part({ settledBy: [] }), part({ on: 'knn', detectable: null, settledBy: [] })] });
  expect(claimTexts([share])[0]!.why).toBe('its interval holds the bound; fine-tune, mean of 4 tasks: true differences of 3.1 points would decide each open task in 4 of 5 such runs');
  // Of an older result, which does not tell.
  const older = Object.fromEntries(Object.entries(part({ settledBy: [] })).filter(([key]) => key !== 'detectable')) as unknown as ClaimPart;
  expect(claimTexts([claim({ parts: [older] }), claim({ unit: 'nats', parts: [part({ settledBy: [] })] })]).map(({ why }) => why)).toEqual(
    ['its interval holds the bound', 'its interval holds the bound; a truth 0.0312 nats from the bound would be found in 4 of 5 such runs; neither more seeds alone nor more images alone would settle it']);
  expect(d).toMatchObject({ verdict: 'not asked here', parts: [], why: 'no entry is called "moce"' });
});

it('they stand in the page, in Markdown and in JSON, and nowhere without claims', async () => {
  const plain = await fixture({ seeds: 1, tasks: 1 });
  const record: RunRecord = { ...plain, claims };
  const render = async (name: string, of: RunRecord): Promise<string> => formats.find((format) => format.name === name)!.render(reportData(of));
  const page = await render('html', record);
  expect(page).toContain('<a href="#claims">Claims</a>');
  expect(page.match(/<tr id="claim-/g)).toHaveLength(4);
  // What is not asked is folded away behind what is; open where nothing is asked.
  expect(page).toMatch(/id="claim-c"[^]*<\/table>[^]*<details>\s*<summary>1 claim not asked here, and why<\/summary>[^]*<tr id="claim-d">/);
  expect(await render('html', { ...plain, claims: [claims[3]!] })).toMatch(/<details open>\s*<summary>1 claim not asked here/);
  expect(page).toContain('MoCE &lt;is&gt; better.');
  const summary = await render('markdown', record);
  expect(summary).toContain('### Claims\n- **unresolved** a: MoCE \\<is\\> better. moce \u2212 mae \\> 0. fine-tune, mean of 4 tasks (0123456789ab): +1.2 \\[\u22120.3, +2.7\\] points, 5 seeds and 312 test images (its interval holds the bound;');
  expect(summary).toContain('\n- not asked here: d (no entry is called "moce").');
  expect((JSON.parse(await render('json', record)) as RunRecord).claims).toEqual(claims);
  for (const name of ['html', 'markdown']) expect(await render(name, plain)).not.toMatch(/claims/i);
});
