import { Command, CommanderError } from 'commander';
import { MaskbenchError } from '../errors.js';
import { nudgeThreadPool } from '../thread-pool.js';
import { commands } from './commands.js';
import { projectVersion } from './project-version.js';

const help = `
A suite file says which methods are pre-trained on what, on which tasks they are judged, and how often.

Examples:
  maskbench plan suites/quick.yaml     what would run, and what it costs
  maskbench run suites/quick.yaml      run it (again: go on where it stopped) and write reports/quick/
  maskbench run --help                 help of one command

Exit codes:
  0    everything finished
  1    a job failed (the report is still written)
  2    the suite, the data, the set-up or the command line is wrong
  70   a fault of this program
  130  interrupted

Results go to stdout, progress and errors to stderr.`;

/** A fault of ours, as in sysexits.h (EX_SOFTWARE). */
const BUG = 70;

/** Runs one command line (`process.argv`). Sets `process.exitCode`; never throws. */
export async function main(argv: readonly string[]): Promise<void> {
  nudgeThreadPool();
  quietWhenReaderLeaves(process.stdout);
  quietWhenReaderLeaves(process.stderr);
  const events = argv[2] === 'run' && argv.includes('--json') ? await errorEvents() : null;
  try {
    await (await program(argv, events)).parseAsync(argv);
  } catch (error) {
    process.exitCode = explain(error, events);
  }
}

/** Who reads a run's JSON lines reads what is wrong as one of them too. */
type ErrorEvents = (kind: MaskbenchError['kind'], text: string) => void;
async function errorEvents(): Promise<ErrorEvents> {
  const { jsonProgress } = await import('../runner/progress/json.js');
  const progress = jsonProgress(process.stderr);
  return (kind, text) => { progress.on({ event: 'error', kind, text }); };
}

async function program(argv: readonly string[], events: ErrorEvents | null): Promise<Command> {
  const root = new Command('maskbench')
    .description('A benchmark and evaluation harness for self-supervised vision pre-training')
    .version(await projectVersion(), '-V, --version', 'print the version')
    .addHelpText('after', help)
    .showHelpAfterError('(maskbench --help lists the commands)');
  // A named command loads its own file only: starting is most of what a short command costs.
  const asked = argv[2];
  const names = asked !== undefined && Object.hasOwn(commands, asked) ? [asked] : Object.keys(commands);
  const members = await Promise.all(names.map((name) => commands[name]!()));
  for (const member of members) {
    hintAtHelp(member, root.name());
    root.addCommand(member);
    if (events !== null) member.showHelpAfterError(false).configureOutput({ writeErr: (text) => { events('usage', text.trimEnd()); } });
  }
  throwInsteadOfExit(root);
  return root;
}

/** Each command's errors name its own help. */
function hintAtHelp(command: Command, above: string): void {
  const words = `${above} ${command.name()}`;
  const [taking, argument] = [command.options.find(({ variadic }) => variadic), command.registeredArguments[0]];
  const swallows = taking === undefined || argument === undefined ? '' : `; ${taking.long} takes all words that follow it, so <${argument.name()}> goes before it`;
  command.showHelpAfterError(`(${words} --help shows how it is used${swallows})`);
  for (const child of command.commands) hintAtHelp(child, words);
}

function throwInsteadOfExit(command: Command): void {
  command.exitOverride();
  for (const child of command.commands) throwInsteadOfExit(child);
}

/** Writes what a person needs to know about `error` to stderr; gives the exit code. */
function explain(error: unknown, events: ErrorEvents | null): number {
  // commander has written its own message; its codes are all 1, ours say whose fault it is.
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  if (error instanceof MaskbenchError) {
    if (events === null) process.stderr.write(`${error.describe()}\n`);
    else events(error.kind, error.describe());
    return error.exitCode;
  }
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
  process.stderr.write(`${stack}\n\nThis is a fault of maskbench, not of your input. Please report it with the lines above and the command you gave.\n`);
  return BUG;
}

/** `maskbench plan x | head` is no error: when the reader has what it wants, there is nobody left to tell. */
function quietWhenReaderLeaves(stream: NodeJS.WriteStream): void {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(process.exitCode ?? 0);
    if (stream === process.stdout) process.stderr.write(`The output cannot be written: ${error.message}\n  Nothing else is lost; send stdout to a place that takes it.\n`);
    process.exit(2);
  });
}
