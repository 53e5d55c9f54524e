import { memoryCase, speedCases, tinyCase } from '../cases.js';
import { contestants, switched } from '../contestants.js';
import type { BenchResult } from '../results.js';
import type { Session } from '../session.js';
import { compareLayouts } from './layouts.js';
import { compareLoaders } from './loader.js';
import { flatMemory, peakMemory } from './memory.js';
import { profileStep } from './profile.js';
import { compareSpeed } from './speed.js';

/** What the parts have found so far, in the order in which they ran. */
export type Found = { -readonly [K in Exclude<keyof BenchResult, 'schema' | 'name' | 'machine' | 'settings'>]: BenchResult[K] };

/** A piece of the bench that can be asked for by name, or by the start of its name up to a slash. */
export interface Part { readonly name: string; run(session: Session, found: Found): Promise<void> }

const layoutCases = speedCases.filter(({ name }) => name.startsWith('quick/') || name.startsWith('vit-ti-8/'));
const profiledCases = speedCases.filter(({ name }) => name.startsWith('quick/'));
const switchedCase = speedCases.find(({ name }) => name === 'vit-ti-8/fine-tune')!;

export const parts: readonly Part[] = [
  ...speedCases.map((one): Part => ({
    name: `speed/${one.name}`,
    async run(session, found) {
      found.speed = [...found.speed, await compareSpeed(session, one, contestants)];
    },
  })),
  ...speedCases.map((one): Part => ({
    name: `loader/${one.name}`,
    async run(session, found) {
      found.loader = [...found.loader, await compareLoaders(session, one)];
    },
  })),
  ...layoutCases.map((one): Part => ({
    name: `layouts/${one.name}`,
    async run(session, found) {
      for (const contestant of contestants) {
        const result = await compareLayouts(session, one, contestant);
        if ('reason' in result) found.layoutsLeftOut = [...found.layoutsLeftOut, result];
        else found.layouts = [...found.layouts, result];
      }
    },
  })),
  {
    name: `switches/${switchedCase.name}`,
    async run(session, found) {
      found.switches = await compareSpeed(session, switchedCase, switched);
    },
  },
  {
    name: `memory/peak/${memoryCase.name}`,
    async run(session, found) {
      found.peakMemory = await peakMemory(session);
    },
  },
  {
    name: `memory/flat/${tinyCase.name}`,
    async run(session, found) {
      found.flatMemory = await flatMemory(session);
    },
  },
  ...profiledCases.map((one): Part => ({
    name: `profile/${one.name}`,
    async run(session, found) {
      found.profiles = [...found.profiles, await profileStep(session, one, session.rounds)];
    },
  })),
];
