import { describe, expect, it } from 'vitest';
import { playRounds, type Round, type Turn } from '../../src/jobs/speed/rounds.js';

const turn: Turn = { outside: { steps: 1, seconds: 1 }, peakMemoryBytes: 1, inside: { steps: 1, seconds: 1 } };
const orderOf = (rounds: readonly Round[]): readonly string[] => rounds.map((round) => round.map(({ entry }) => entry).join(''));

describe('rounds of a speed job', () => {
  it('give everyone one turn a round, and begin each with another', async () => {
    const asked: string[] = [];
    const rounds = await playRounds(['a', 'b', 'c'], 4, [], (entry) => {
      asked.push(entry);
      return Promise.resolve(turn);
    }, () => Promise.resolve());
    expect(orderOf(rounds)).toEqual(['abc', 'bca', 'cab', 'abc']);
    expect(asked.join('')).toBe('abcbcacababc');
  });

  it('go on behind the rounds of a killed run', async () => {
    let saved: readonly Round[] = [];
    let turns = 0;
    const killed = playRounds(['a', 'b'], 3, [], () => (++turns > 3 ? Promise.reject(new Error('killed')) : Promise.resolve(turn)), (rounds) => {
      saved = [...rounds];
      return Promise.resolve();
    });
    await expect(killed).rejects.toThrow('killed');
    // The second round was not whole: it is had again.
    expect(orderOf(saved)).toEqual(['ab']);
    const asked: string[] = [];
    const rounds = await playRounds(['a', 'b'], 3, saved, (entry) => {
      asked.push(entry);
      return Promise.resolve(turn);
    }, () => Promise.resolve());
    expect(asked.join('')).toBe('baab');
    expect(orderOf(rounds)).toEqual(['ab', 'ba', 'ab']);
  });
});
