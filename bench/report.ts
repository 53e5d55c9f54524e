import { pairsOn, type Pair } from './contestants.js';
import type { DeviceMemory, Operation } from './contestant/messages.js';
import { estimateText, megabytes, short, table } from './format.js';
import { kindOf } from './operation-kinds.js';
import { DISTURBED, type OthersFound } from './others.js';
import type { BenchMachine, BenchResult, CaseFacts, LeftOut, LayoutResult, LoaderResult, MethodsResult, Profile, SpeedResult } from './results.js';
import { geometricMean, pairedRatio, verdict } from './statistics.js';

/** Above it, something else ran when the bench began. Of results that do not tell what ran during their turns. */
const IDLE_LOAD = 0.5;

/** The whole result as Markdown. */
export function renderBench(result: BenchResult): string {
  const { rounds, seconds, device } = result.settings;
  return [
    `# Bench: ${result.name}`,
    machineText(result.machine),
    `${rounds} rounds of at least ${seconds} s a turn. Speeds are images a second: geometric mean, in brackets its 95 % t-interval over rounds. Ratios are paired by round; of contestants that were not in turns with each other${device === 'cuda' ? ', as on a GPU,' : ''} they have no interval and decide no aim.`,
    ...(result.speed.length === 0 ? [] : ['## Speed', ...result.speed.map(speedText), '## Ratios', ratioTable(result.speed, pairsOn(device), result.machine.others?.disturbedTurns ?? [])]),
    ...(result.methods.length === 0 ? [] : ['## MixedAE beside MAE', 'Traced steps of the same model, decoder and source images: source images a second, and the operations of one in a training step.', methodTable(result.methods)]),
    ...(result.loader.length === 0 ? [] : ['## Waiting for data', 'Share of the time in which the traced engine waited for its inputs, mean over rounds: batches between the steps, and made ahead by loader threads.', loaderTable(result.loader)]),
    ...(result.layouts.length === 0 && result.layoutsLeftOut.length === 0 ? [] : ['## One process with all cores, or one a core', layoutTable(result.layouts), ...leftOutText(result.layoutsLeftOut)]),
    ...(result.switches === null ? [] : ['## Switches of the runtime', speedText(result.switches)]),
    ...(result.peakMemory === null ? [] : ['## Peak memory of a pre-training process', caseText(result.peakMemory.case, result.peakMemory.threads), peakTable(result.peakMemory.bytes), ...leftOutText(result.peakMemory.leftOut)]),
    ...(result.flatMemory === null ? [] : ['## Memory over many steps', `${caseText(result.flatMemory.case, 1)} One traced process.`, table(['steps', 'resident'], result.flatMemory.points.map(({ steps, bytes }) => [String(steps), megabytes(bytes)]))]),
    ...(result.profiles.length === 0 ? [] : ['## Where a step\'s time goes', ...result.profiles.map(profileText)]),
    ...(result.partsLeftOut.length === 0 ? [] : ['## Parts left out', ...leftOutText(result.partsLeftOut)]),
    '',
  ].join('\n\n').trimEnd() + '\n';
}

/** Of the processes' own accounts: an average of load tells what ran before, too. */
const othersText = ({ turns, mean, most, disturbed, disturbedTurns }: OthersFound): string =>
  `During the ${turns} timed turns other processes kept ${mean.busy.toFixed(2)} cores busy on average and ${most.busy.toFixed(2)} at most; the host took ${mean.stolen.toFixed(2)} and ${most.stolen.toFixed(2)}.${disturbed === 0 ? '' : ` **In ${disturbed} of them it was more than ${DISTURBED}, so these are no measurement: ${disturbedTurns.join('; ')}.**`}`;

const machineText = ({ date, commit, cpu, cores, memoryBytes, kernel, load, versions, others }: BenchMachine): string => [
  `${date}, commit ${commit}. ${cpu}, ${cores} cores, ${(memoryBytes / 2 ** 30).toFixed(0)} GiB, Linux ${kernel}.`,
  `Load average at the start: ${load.map((value) => value.toFixed(2)).join(', ')}.${others == null ? ((load[0] ?? 0) > IDLE_LOAD ? ' **Something else was running: the speeds are no measurement.**' : '') : ` ${othersText(others)}`}`,
  `Versions: ${Object.entries(versions).map(([name, version]) => `${name} ${version}`).join(', ')}.`,
].join('\n');

const caseText = ({ name, batch, parameters }: CaseFacts, threads: number): string => `**${name}**, batch ${batch}, ${(parameters / 1e6).toPrecision(3)} M parameters, ${threads} thread${threads === 1 ? '' : 's'} a process.`;

const leftOutText = (leftOut: readonly LeftOut[]): readonly string[] => (leftOut.length === 0 ? [] : [leftOut.map(({ name, reason }) => `- ${name} left out: ${reason.replaceAll('\n', ' ')}`).join('\n')]);

const memoryText = (memory: DeviceMemory | undefined): string => (memory === undefined ? 'unknown' : `${megabytes(memory.peak)}, ${memory.by}`);

/** Of a contestant in all its sittings. */
const speedsOf = (sittings: SpeedResult['sittings'], name: string): readonly number[] => sittings.flatMap((sitting) => sitting[name] ?? []);

const namesOf = (sittings: SpeedResult['sittings']): readonly string[] => [...new Set(sittings.flatMap((sitting) => Object.keys(sitting)))];

/** Who was in turns with whom, where not all were. */
function sittingsText(sittings: SpeedResult['sittings']): string {
  if (sittings.length < 2) return '';
  if (sittings.every((sitting) => Object.keys(sitting).length === 1)) return ' Each contestant had all its rounds in a row: memory does not hold all of them.';
  return ` Memory does not hold all contestants; in turns were ${sittings.map((sitting) => Object.keys(sitting).join(', ')).join('; then ')}.`;
}

function speedText({ case: one, threads, sittings, differences, leftOut, deviceMemory }: SpeedResult): string {
  const rows = namesOf(sittings).map((name) => {
    const speed = geometricMean(speedsOf(sittings, name));
    return [name, estimateText(speed), short((1000 * one.batch) / speed.value), differences[name]!.toExponential(1), ...(deviceMemory === undefined ? [] : [memoryText(deviceMemory[name])])];
  });
  return [`${caseText(one, threads)}${deviceMemory === undefined ? sittingsText(sittings) : ''}`, table(['', 'images/s', 'ms a step', 'check', ...(deviceMemory === undefined ? [] : ['peak GPU memory'])], rows), ...leftOutText(leftOut)].join('\n\n');
}

/** The fastest of the names that ran; undefined when none did. */
const fastest = (names: readonly string[], sittings: SpeedResult['sittings']): string | undefined => {
  const speed = (name: string): number => geometricMean(speedsOf(sittings, name)).value;
  return names.filter((name) => namesOf(sittings).includes(name)).sort((a, b) => speed(b) - speed(a))[0];
};

const aimOf = ({ aim }: Pair, name: string): number | null => (name.startsWith('quick/') ? aim.quick : aim.large);

/** `disturbed`: turns beside which something else ran; a ratio of theirs decides no aim. */
const ratioTable = (results: readonly SpeedResult[], pairs: readonly Pair[], disturbed: readonly string[]): string => table(['', 'ratio', 'of', 'aim', ''], results.flatMap(({ case: { name }, sittings }) => pairs.flatMap((pair) => {
  const other = fastest(pair.than, sittings);
  if (other === undefined || !namesOf(sittings).includes(pair.faster)) return [];
  const aim = aimOf(pair, name);
  const named = [`${pair.faster} / ${other}`, aim === null ? '' : String(aim)];
  // What slowed the machine while one of them had its rounds would be in the ratio, and in no interval.
  const turns = sittings.find((sitting) => sitting[pair.faster] !== undefined && sitting[other] !== undefined);
  if (turns === undefined) return [[name, short(geometricMean(speedsOf(sittings, pair.faster)).value / geometricMean(speedsOf(sittings, other)).value), ...named, aim === null ? '' : 'not in turns']];
  const ratio = pairedRatio(turns[pair.faster]!, turns[other]!);
  const besides = [pair.faster, other].some((contestant) => disturbed.includes(`${name}, ${contestant}`));
  return [[name, estimateText(ratio), ...named, besides ? 'disturbed' : aim === null ? '' : verdict(ratio, aim)]];
})));

const methodTable = (results: readonly MethodsResult[]): string => table(['', 'batch', 'threads', 'mae, images/s', 'mixedae, images/s', 'speed, mixedae / mae', 'mae, MFLOP', 'mixedae, MFLOP', 'operations, mixedae / mae'], results.map(({ size, batch, threads, rates, flops }) => [
  size, String(batch), String(threads), estimateText(geometricMean(rates.mae)), estimateText(geometricMean(rates.mixedae)), estimateText(pairedRatio(rates.mixedae, rates.mae)),
  (flops.mae / 1e6).toFixed(1), (flops.mixedae / 1e6).toFixed(1), (flops.mixedae / flops.mae).toFixed(4),
]));

const mean = (numbers: readonly number[]): number => numbers.reduce((sum, value) => sum + value, 0) / numbers.length;

/** The share above which is said what bounds it. */
const WAIT_AIM = 0.01;

/** What the waiting is bound by: the making of a batch without threads takes `made` seconds. */
function boundOf({ threads, cores }: LoaderResult, loaders: number, share: number, made: number, step: number): string {
  if (share <= WAIT_AIM) return '';
  if (loaders === 0) return 'every batch is made between two steps';
  if (made > loaders * step) return `a batch takes ${short(1000 * made)} ms, longer than the ${loaders} thread${loaders === 1 ? '' : 's'} may`;
  if (threads + loaders > cores) return `no core is free: ${threads} threads of tensors on ${cores} cores`;
  return 'the hand-over, or another program';
}

const loaderTable = (results: readonly LoaderResult[]): string => table(['', 'augmentation', 'loader threads', 'ms a step', 'waited, ms', 'share', 'bound by'], results.flatMap((result) => {
  return result.turns.map(({ augmentation, loaders, waited, stepped }) => {
    const made = mean(result.turns.find((other) => other.loaders === 0 && other.augmentation === augmentation)?.waited ?? [0]);
    const [wait, step] = [mean(waited), mean(stepped)];
    const share = wait / (wait + step);
    return [result.case.name, augmentation, String(loaders), short(1000 * step), short(1000 * wait), `${(100 * share).toFixed(2)} %`, boundOf(result, loaders, share, made, step)];
  });
}));

const layoutTable = (results: readonly LayoutResult[]): string => table(['', 'contestant', 'together', 'apart', 'apart / together'], results.map(({ case: { name }, contestant, cores, together, apart }) =>
  [name, contestant, `1 x ${cores}: ${estimateText(geometricMean(together))}`, `${cores} x 1: ${estimateText(geometricMean(apart))}`, estimateText(pairedRatio(apart, together))]));

/** Most that a traced step's process may take of PyTorch's memory. Decided without an interval: there is one process of each. */
const MEMORY_AIM = 1.2;

function peakTable(bytes: Readonly<Record<string, number>>): string {
  return table(['', 'peak resident', 'of pytorch in its precision', 'aim', ''], Object.entries(bytes).map(([name, peak]) => {
    const reference = bytes[name.endsWith('bf16') ? 'pytorch bf16' : 'pytorch'];
    const ratio = reference === undefined ? null : peak / reference;
    const aimed = ratio !== null && name.startsWith('traced');
    return [name, megabytes(peak), ratio === null ? '' : short(ratio), aimed ? `at most ${MEMORY_AIM}` : '', aimed ? (ratio <= MEMORY_AIM ? 'reached' : 'missed') : ''];
  }));
}

const LONGEST = 15;

function profileText({ case: one, threads, tracedMilliseconds, operations }: Profile): string {
  const total = operations.reduce((sum, { milliseconds }) => sum + milliseconds, 0);
  const count = operations.reduce((sum, operation) => sum + operation.count, 0);
  const kinds = new Map<string, Operation[]>();
  for (const operation of operations) kinds.set(kindOf(operation.op), [...(kinds.get(kindOf(operation.op)) ?? []), operation]);
  const sum = (all: readonly Operation[], pick: (operation: Operation) => number): number => all.reduce((whole, operation) => whole + pick(operation), 0);
  const share = (milliseconds: number): string => `${((100 * milliseconds) / total).toFixed(1)} %`;
  const rate = (flops: number, milliseconds: number): string => (flops === 0 ? '' : (flops / milliseconds / 1e6).toFixed(0));
  const byKind = [...kinds].map(([kind, all]) => ({ kind, count: sum(all, (o) => o.count), milliseconds: sum(all, (o) => o.milliseconds), flops: sum(all, (o) => o.flops) })).sort((a, b) => b.milliseconds - a.milliseconds);
  return [
    `${caseText(one, threads)} ${count} operations take ${short(total)} ms one by one; the traced step takes ${short(tracedMilliseconds)} ms.`,
    table(['kind', 'operations', 'ms', 'share', 'GFLOP/s'], byKind.map(({ kind, count: n, milliseconds, flops }) => [kind, String(n), short(milliseconds), share(milliseconds), rate(flops, milliseconds)])),
    table(['longest', 'shapes', 'times', 'ms', 'share', 'GFLOP/s'], operations.slice(0, LONGEST).map(({ op, shapes, count: n, milliseconds, flops }) => [op, shapes, String(n), short(milliseconds), share(milliseconds), rate(flops, milliseconds)])),
  ].join('\n\n');
}
