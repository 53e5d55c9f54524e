import { describe, expect, test } from 'vitest';
import { duration, intervalPercent, listed, percent, percentOrDash, plural, points, rangeText, scaled, scaledCount, standsAt, summaryPercent, summaryPoints, threeDigits } from '../../src/report/numbers.js';
import { taskLabels } from '../../src/report/task-names.js';
import { summarise } from '../../src/results/intervals.js';

describe('numbers', () => {
  test('percent and points', () => {
    expect([percent(0.43219), percent(1), percent(0)]).toEqual(['43.2', '100.0', '0.0']);
    expect([points(0.0123), points(-0.0123), points(-0.0004), points(0)]).toEqual(['+1.2', '−1.2', '0.0', '0.0']);
    expect([standsAt(0.0123), standsAt(-0.01), standsAt(0.0001)]).toEqual(['1.2 points above', '1.0 point below', 'level with']);
  });

  test('a dash stands for a number or an interval that is not there', () => {
    expect([percentOrDash(0.43219), percentOrDash(null), percentOrDash(NaN)]).toEqual(['43.2', '–', '–']);
    expect([intervalPercent({ low: 0.4006, high: 1 }), intervalPercent({ low: -0.0104, high: -0.0004 }), intervalPercent(null), intervalPercent({ low: NaN, high: NaN })]).toEqual(['40.1 to 100.0', '−1.0 to 0.0', '–', '–']);
  });

  test('scale, time, ranges, lists', () => {
    expect([scaled(0, 'FLOP'), scaled(999, 'FLOP'), scaled(1.2345e13, 'FLOP'), scaled(999_999, '')]).toEqual(['0 FLOP', '999 FLOP', '12.3 TFLOP', '1 M']);
    expect([scaledCount(0), scaledCount(999), scaledCount(1.2345e13)]).toEqual(['0', '999', '12.3 T']);
    expect([threeDigits(0.61234), threeDigits(0.5), threeDigits(123.4), threeDigits(1234)]).toEqual(['0.612', '0.5', '123', '1230']);
    expect([duration(3.21), duration(65), duration(600), duration(7200)]).toEqual(['3.2 s', '65 s', '10.0 min', '2.0 h']);
    expect([rangeText({ low: 192, high: 1200 }), rangeText({ low: 5, high: 5 })]).toEqual(['192–1,200', '5']);
    expect([listed([]), listed(['a']), listed(['a', 'b', 'c']), plural(1, 'entry', 'entries'), plural(1200, 'entry', 'entries')]).toEqual(['', 'a', 'a, b and c', '1 entry', '1,200 entries']);
  });

  test('summaries by hand: 0.4, 0.5, 0.6 has sd 0.1, and t(0.975, 2) = 4.3027', () => {
    const summary = summarise(new Map([[0, 0.4], [1, 0.5], [2, 0.6]]));
    expect(summaryPercent(summary)).toBe('50.0 ± 24.8');
    expect(summaryPoints(summary)).toBe('+50.0 [+25.2, +74.8]');
    expect(summaryPercent(summarise(new Map([[0, 0.4], [1, 0.5]])))).toBe('45.0');
    expect(summaryPercent(summarise(new Map()))).toBe('');
  });

  test('task labels drop the data set only where there is one', () => {
    expect([...taskLabels(['emoji/birds', 'emoji/food']).values()]).toEqual(['birds', 'food']);
    expect([...taskLabels(['emoji/birds', 'cifar10/all']).values()]).toEqual(['emoji/birds', 'cifar10/all']);
  });
});
