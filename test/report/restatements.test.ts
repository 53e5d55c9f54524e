import { beforeAll, describe, expect, it } from 'vitest';
import { StoreError } from '../../src/errors.js';
import { reportData } from '../../src/report/format.js';
import { html } from '../../src/report/html.js';
import { markdown } from '../../src/report/markdown.js';
import { validateRunRecord } from '../../src/results/schema.js';
import type { Restatement, RunRecord } from '../../src/results/types.js';
import { fixture } from './fixture.js';

const moce: Restatement = {
  name: 'MoCE-style', of: 'MoCE (Liu et al. 2023)', sources: 'its abstract and memory',
  found: ['the gate sees <clusters>'], recalled: ['8 experts'], ours: ['betas 0.9 and 0.95'],
};
const mixedae: Restatement = { ...moce, name: 'MixedAE-style', of: 'MixedAE (Chen et al. 2023)' };

describe('a method that is a re-statement of its paper', () => {
  let plain: RunRecord;
  beforeAll(async () => {
    plain = await fixture({ seeds: 1, tasks: 1 });
  });
  const told = (restatements: RunRecord['restatements']): RunRecord => validateRunRecord({ ...plain, ...(restatements === undefined ? {} : { restatements }) });

  it('is called so on the page, with what each part is from', async () => {
    const page = await html.render(reportData(told({ moce })));
    const section = page.slice(page.indexOf('<section id="pre-training">'), page.indexOf('</section>', page.indexOf('<section id="pre-training">')));
    expect(section).toContain('<strong>MoCE-style</strong>: <code>moce</code> is a re-statement of MoCE (Liu et al. 2023), made from its abstract and memory;');
    expect(section).toContain('<li>the gate sees &lt;clusters&gt;</li>');
    expect(section).toMatch(/Found.*the gate sees.*Recalled.*8 experts.*Our choice.*betas 0\.9 and 0\.95/s);
  });

  it('has a line in the summary, all of them one', async () => {
    expect(await markdown.render(reportData(told({ moce })))).toMatch(/^moce is MoCE-style: a re-statement of MoCE \(Liu et al\. 2023\), whose paper could not be read whole; the report lists what is recalled or our choice\.$/m);
    expect(await markdown.render(reportData(told({ moce, mixedae })))).toMatch(/^moce is MoCE-style, mixedae is MixedAE-style: re-statements of MoCE \(Liu et al\. 2023\) and MixedAE \(Chen et al\. 2023\), whose papers could not be read whole; the report lists what is recalled or our choice\.$/m);
  });

  it('is not there in a record that has none, as older ones', async () => {
    for (const format of [html, markdown]) expect(await format.render(reportData(told(undefined)))).not.toContain('re-statement');
  });

  it('has its three lists, or the record is refused', () => {
    const part = Object.fromEntries(Object.entries(moce).filter(([name]) => name !== 'ours')) as unknown as Restatement;
    expect(() => told({ moce: part })).toThrow(StoreError);
  });
});
