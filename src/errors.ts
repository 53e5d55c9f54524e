/**
 * Every error that a user can cause or meet is a MaskbenchError: it says what is wrong, where, and what to do about it.
 * Anything else that reaches the top is a bug in this program and is shown with its stack.
 */
export interface ErrorDetails {
  /** Where it happened: a file with line and column, a job, a tensor name. */
  readonly where?: string;
  /** What the user can do now. */
  readonly fix?: string;
  readonly cause?: unknown;
  /** Machine-readable facts. */
  readonly data?: Readonly<Record<string, unknown>>;
}

export abstract class MaskbenchError extends Error {
  abstract readonly kind: string;
  /** Exit code of a command that ends with this error (design: 1 a job failed, 2 bad suite, data or set-up). */
  readonly exitCode: number = 2;
  readonly where: string | undefined;
  readonly fix: string | undefined;
  readonly data: Readonly<Record<string, unknown>>;

  constructor(message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = new.target.name;
    this.where = details.where;
    this.fix = details.fix;
    this.data = details.data ?? {};
  }

  /** The whole message as a person reads it: where, what, what to do. */
  describe(): string {
    const head = this.where === undefined ? this.message : `${this.where.replaceAll('\n', '\\n')}: ${this.message}`;
    return printable(this.fix === undefined ? head : `${head}\n  ${this.fix}`);
  }
}

/** A text whose control characters but new lines are written out: names come from data, and a terminal obeys them. */
const printable = (text: string): string =>
  text.replace(/[\p{Cc}]/gu, (one) => (one === '\n' || one === '\t' ? one : `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`));

/** A flag or an argument of a command is wrong. */
export class UsageError extends MaskbenchError { readonly kind = 'usage'; }
/** A suite file is wrong. */
export class SuiteError extends MaskbenchError { readonly kind = 'suite'; }
/** A data set is missing or malformed. */
export class DataError extends MaskbenchError { readonly kind = 'data'; }
/** A checkpoint file does not fit. */
export class CheckpointError extends MaskbenchError { readonly kind = 'checkpoint'; }
/** The tensor runtime cannot be set up or used. */
export class EngineError extends MaskbenchError { readonly kind = 'engine'; }
/** A step breaks a rule of `engine.compile`. */
export class StepError extends MaskbenchError { readonly kind = 'step'; override readonly exitCode = 1; }
/** What to do about a file of a finished job that is not as it was written. */
export const repairStore = '`maskbench store verify --repair` sets it aside, and the next run makes it again.';
/** The store holds something that it should not. */
export class StoreError extends MaskbenchError { readonly kind = 'store'; }
/** A loss became NaN or infinite. */
export class DivergedError extends MaskbenchError { readonly kind = 'diverged'; override readonly exitCode = 1; }
/** A job cannot go on for another reason. */
export class JobError extends MaskbenchError { readonly kind = 'job'; override readonly exitCode = 1; }

/** What a caught value says. */
export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
