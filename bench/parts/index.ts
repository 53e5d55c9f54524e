import { cropsCases, gpuCases, memoryCase, methodCases, speedCases, tinyCase, type Case } from '../cases.js';
import { contestantsOn, switched, type Device } from '../contestants.js';
import type { BenchResult } from '../results.js';
import type { Session } from '../session.js';
import { compareLayouts } from './layouts.js';
import { compareLoaders } from './loader.js';
import { flatMemory, peakMemory } from './memory.js';
import { compareMethods } from './methods.js';
import { profileStep } from './profile.js';
import { compareSpeed } from './speed.js';

/** What the parts have found so far, in the order in which they ran. */
export type Found = { -readonly [K in Exclude<keyof BenchResult, 'schema' | 'name' | 'machine' | 'settings'>]: BenchResult[K] };

/** A piece of the bench that can be asked for by name, or by the start of its name up to a slash. */
export interface Part {
  readonly name: string;
  /** The one device that it is for; any where it is not there. */
  readonly only?: Device;
  run(session: Session, found: Found): Promise<void>;
}

/** Why a part does not run on a device; null where it does. */
export const leftOutOn = ({ only }: Pick<Part, 'only'>, device: Device): string | null =>
  (only === undefined || only === device ? null : only === 'cuda' ? 'it takes an NVIDIA GPU (--device cuda)' : 'it is about CPUs (--device cpu)');

const layoutCases = speedCases.filter(({ name }) => name.startsWith('quick/') || name.startsWith('vit-ti-8/'));
const profiledCases = speedCases.filter(({ name }) => name.startsWith('quick/'));
const switchedCase = speedCases.find(({ name }) => name === 'vit-ti-8/fine-tune')!;

const timedCases: readonly ({ readonly one: Case } & Pick<Part, 'only'>)[] = [...speedCases.map((one) => ({ one })), ...gpuCases.map((one) => ({ one, only: 'cuda' as const }))];

export const parts: readonly Part[] = [
  ...timedCases.map(({ one, ...only }): Part => ({
    ...only,
    name: `speed/${one.name}`,
    async run(session, found) {
      found.speed = [...found.speed, await compareSpeed(session, one, contestantsOn(session.device))];
    },
  })),
  ...methodCases.map((cases): Part => ({
    name: `methods/${cases.size}`,
    async run(session, found) {
      found.methods = [...found.methods, await compareMethods(session, cases)];
    },
  })),
  ...[...timedCases, ...cropsCases.map((one) => ({ one }))].map(({ one, ...only }): Part => ({
    ...only,
    name: `loader/${one.name}`,
    async run(session, found) {
      found.loader = [...found.loader, await compareLoaders(session, one)];
    },
  })),
  ...layoutCases.map((one): Part => ({
    only: 'cpu',
    name: `layouts/${one.name}`,
    async run(session, found) {
      for (const contestant of contestantsOn('cpu')) {
        const result = await compareLayouts(session, one, contestant);
        if ('reason' in result) found.layoutsLeftOut = [...found.layoutsLeftOut, result];
        else found.layouts = [...found.layouts, result];
      }
    },
  })),
  {
    only: 'cpu',
    name: `switches/${switchedCase.name}`,
    async run(session, found) {
      found.switches = await compareSpeed(session, switchedCase, switched, 'switches/');
    },
  },
  {
    only: 'cpu',
    name: `memory/peak/${memoryCase.name}`,
    async run(session, found) {
      found.peakMemory = await peakMemory(session);
    },
  },
  {
    only: 'cpu',
    name: `memory/flat/${tinyCase.name}`,
    async run(session, found) {
      found.flatMemory = await flatMemory(session);
    },
  },
  ...profiledCases.map((one): Part => ({
    only: 'cpu',
    name: `profile/${one.name}`,
    async run(session, found) {
      found.profiles = [...found.profiles, await profileStep(session, one, session.rounds)];
    },
  })),
];
