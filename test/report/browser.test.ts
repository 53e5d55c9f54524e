import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { chromium, type Browser, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import sharp from 'sharp';
import { writeReports } from '../../src/report/index.js';
import { fixture } from './fixture.js';

const candidates = [process.env['CHROMIUM'], '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
const executablePath = candidates.find((path) => path !== undefined && existsSync(path));
const args = ['--headless', '--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-component-update', '--disable-sync'];

if (executablePath === undefined) console.warn('Report in a browser: skipped, no Chromium found. Install Debian\'s package "chromium" or set CHROMIUM to its path.');

/** The report as a reader opens it: from disk, in a browser, at the width of a desk and of a phone. */
describe.skipIf(executablePath === undefined)('the report in a browser', () => {
  let folder: string;
  let browser: Browser;
  let address: string;
  const complaints: string[] = [];
  const requests: string[] = [];

  const open = async (options: Parameters<Browser['newContext']>[0]): Promise<Page> => {
    const page = await (await browser.newContext(options)).newPage();
    page.on('console', (message) => complaints.push(`${message.type()}: ${message.text()}`));
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('request', (request) => {
      if (!request.url().startsWith('data:')) requests.push(request.url());
    });
    await page.goto(address);
    return page;
  };

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'maskbench-browser-'));
    const preview = await sharp({ create: { width: 300, height: 200, channels: 3, background: '#888' } }).png().toBuffer();
    // `scratch` fails on one task: a missing value among the sorted ones.
    const failed = Object.fromEntries([0, 1, 2].map((seed) => [`transfer/scratch/mammals/fine-tune/s${seed}`, 'Loss became NaN']));
    const [page = ''] = await writeReports(await fixture({ seeds: 3, tasks: 4, preview, failed, dense: 'with-pictures' }), folder);
    address = pathToFileURL(page).href;
    browser = await chromium.launch({ executablePath: executablePath!, args });
  }, 60_000);
  afterAll(async () => {
    await browser?.close();
    await rm(folder, { recursive: true, force: true });
  });

  // Expressions for the page are text: the project's types know no DOM.
  const columnOf = (page: Page, column: number): Promise<string[]> =>
    page.evaluate<string[]>(`[...document.querySelectorAll('#protocol-fine-tune table.comparison tbody tr')].map((row) => row.cells[${column}].dataset.value)`);

  test('sorts by click and by keyboard, says so, and comes back to the suite\'s order', async () => {
    const page = await open({ viewport: { width: 1280, height: 900 } });
    const head = page.locator('#protocol-fine-tune table.comparison thead th').nth(1);
    const before = await columnOf(page, 1);
    expect(before).toHaveLength(6);
    expect(before[0]).toBe('');
    await head.locator('button').click();
    expect(await head.getAttribute('aria-sort')).toBe('descending');
    const values = before.filter((value) => value !== '').sort((a, b) => Number(b) - Number(a));
    expect(await columnOf(page, 1)).toEqual([...values, '']);
    await head.locator('button').press('Enter');
    expect(await head.getAttribute('aria-sort')).toBe('ascending');
    expect(await columnOf(page, 1)).toEqual([...values.toReversed(), '']);
    await head.locator('button').press('Space');
    expect(await head.getAttribute('aria-sort')).toBeNull();
    expect(await columnOf(page, 1)).toEqual(before);

    const entry = page.locator('#protocol-fine-tune table.comparison thead th').first();
    await entry.locator('button').click();
    expect(await entry.getAttribute('aria-sort')).toBe('ascending');
    const names = await columnOf(page, 0);
    expect(names).toEqual(names.toSorted((a, b) => a.localeCompare(b)));
    await page.context().close();
  });

  test('tabs by click and by arrow keys', async () => {
    const page = await open({ viewport: { width: 1280, height: 900 } });
    const tabs = page.locator('#results [role=tab]');
    expect(await tabs.allTextContents()).toEqual(['fine-tune', 'linear', 'knn', 'upernet', 'mask-rcnn, boxes', 'mask-rcnn, masks']);
    await tabs.nth(1).click();
    expect(await page.locator('#results > .tabs > .panel:visible').getAttribute('id')).toEqual('protocol-linear');
    await page.keyboard.press('ArrowRight');
    expect(await page.locator('#results > .tabs > .panel:visible').getAttribute('id')).toEqual('protocol-knn');
    expect(await tabs.nth(2).getAttribute('aria-selected')).toBe('true');
    await page.keyboard.press('End');
    expect(await page.locator('#results > .tabs > .panel:visible').getAttribute('id')).toEqual('protocol-mask-rcnn-masks');
    await page.keyboard.press('ArrowRight');
    expect(await page.locator('#results > .tabs > .panel:visible').getAttribute('id')).toEqual('protocol-fine-tune');
    await page.context().close();
  });

  test('without scripts everything is there', async () => {
    const page = await open({ javaScriptEnabled: false });
    expect(await page.locator('#results > .tabs > .panel:visible').count()).toBe(6);
    await page.context().close();
  });

  test.each([['a desk', 1280, 'wide'], ['a phone', 390, 'narrow']] as const)('fits %s: nothing but tables scrolls sideways', async (_, width, drawing) => {
    const page = await open({ viewport: { width, height: 900 } });
    expect(await page.evaluate<number>('document.documentElement.scrollWidth')).toBe(width);
    const [first] = await page.locator('figure.chart').all();
    expect(await first!.locator(`.${drawing}`).isVisible()).toBe(true);
    expect(await first!.locator(drawing === 'wide' ? '.narrow' : '.wide').isVisible()).toBe(false);
    expect(await page.evaluate<number>("document.querySelector('.previews img').naturalWidth")).toBe(300);
    await page.context().close();
  });

  test.each([['a desk', 1280], ['a phone', 390]] as const)('on %s predictions are drawn tile by tile, with labels that can be read', async (_, width) => {
    const page = await open({ viewport: { width, height: 900 } });
    // The second image of the open entry: its tiles are the middle and right third of the second row of the PNG.
    const found = page.locator('#dense .dense').nth(1).locator('details[open] .tiles').nth(1).locator('> svg');
    expect(await found.count()).toBe(3);
    const boxes = await Promise.all([0, 1, 2].map(async (tile) => (await found.nth(tile).boundingBox())!));
    for (const { width: across, height } of boxes) expect([across >= 150, Math.abs(across - height) < 1]).toEqual([true, true]);
    expect(await found.nth(2).locator('text').first().textContent()).toMatch(/ (?:0\.\d\d|1\.00)$/);
    expect((await found.nth(2).locator('text').first().boundingBox())!.height).toBeGreaterThanOrEqual(11);
    // As a browser measures them, none lies over another one of its tile: their outlines, of 1.5, may touch.
    for (const tile of await page.locator('#dense details[open] .tiles > svg').all()) {
      const areas = await Promise.all((await tile.locator('text').all()).map(async (text) => (await text.boundingBox())!));
      for (const [at, a] of areas.entries()) for (const b of areas.slice(0, at)) expect(a.x + 3 >= b.x + b.width || b.x + 3 >= a.x + a.width || Math.abs(a.y - b.y) >= 11).toBe(true);
    }
    const rect = (await found.nth(1).locator('rect').first().boundingBox())!;
    // In the fixture the first object of every image starts 6 to 10 and 4 pixels from the corner of a tile of 96.
    const [left, top] = [(rect.x - boxes[1]!.x) / boxes[1]!.width, (rect.y - boxes[1]!.y) / boxes[1]!.height];
    expect([left > 0.04, left < 0.12, Math.abs(top - 4 / 96) < 0.02]).toEqual([true, true, true]);
    await page.context().close();
  });

  test('charts follow light and dark', async () => {
    const colorIn = async (colorScheme: 'light' | 'dark'): Promise<string> => {
      const page = await open({ colorScheme });
      const color = await page.evaluate<string>(`getComputedStyle(document.querySelector('#accuracy-fine-tune .wide path[fill="var(--series-0)"]')).fill`);
      await page.context().close();
      return color;
    };
    expect([await colorIn('light'), await colorIn('dark')]).toEqual(['rgb(0, 114, 178)', 'rgb(79, 168, 224)']);
  });

  test('no console message, no error, no request but for the page itself', () => {
    expect(complaints).toEqual([]);
    expect(new Set(requests)).toEqual(new Set([address]));
  });
}, 60_000);
