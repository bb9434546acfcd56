import type { Report } from '../../shared/lab/experiment.ts';
import type { Frame, SwarmFilm, WatchedResult } from '../../shared/lab/watch-swarm.ts';
import { createLabWorker } from '../bridge/trusted-scripts.ts';
import type { LabAnswer, LabRequest } from './lab-protocol.ts';
import { swarmOptionsOf, type LabSettings } from './settings/lab-settings.ts';

type RunState = 'running' | 'done' | 'stopped' | 'failed';

/** A Worker with one request. It is ended as soon as it has answered, failed or been stopped. */
class LabJob {
  state: RunState = $state('running');
  failure: string | null = $state(null);
  readonly #worker: Worker;

  constructor(request: LabRequest, take: (answer: LabAnswer) => void) {
    this.#worker = createLabWorker();
    this.#worker.addEventListener('message', ({ data }: MessageEvent<LabAnswer>) => {
      if (data.kind === 'failed') return this.#end('failed', data.reason);
      take(data);
      if (data.kind === 'result' || data.kind === 'report') this.#end('done', null);
    });
    this.#worker.addEventListener('error', ({ message }) => this.#end('failed', message));
    this.#worker.postMessage(request);
  }

  stop(): void {
    if (this.state === 'running') this.#end('stopped', null);
  }

  #end(state: RunState, failure: string | null): void {
    this.#worker.terminate();
    this.failure = failure;
    this.state = state;
  }
}

/** The curves of a run. All lists have one entry a frame. Shares 0–1. */
export interface Curves {
  readonly seconds: readonly number[];
  /** Of all pieces that the leeches want together. */
  readonly there: readonly number[];
  /** Of the leeches. */
  readonly finished: readonly number[];
  readonly uplinkUse: readonly number[];
  /** Per leech: what it has. */
  readonly each: readonly (readonly number[])[];
}

const full = 255;
/** Four drawings a second look alive and cost little. */
const showMs = 250;

/** One simulated swarm on the page, running or over. */
export class LabRun {
  readonly settings: LabSettings;
  readonly job: LabJob;
  film: SwarmFilm | null = $state.raw(null);
  frame: Frame | null = $state.raw(null);
  frameCount = $state(0);
  result: WatchedResult | null = $state.raw(null);
  readonly #frames: Frame[] = [];
  /** Numbers of the peers that download. */
  #leeches: readonly number[] = [];
  /** Grows by an entry a frame: to compute all of it for each drawing would keep the page busy with 500 peers. */
  readonly #curves: Record<Exclude<keyof Curves, 'each'>, number[]> = { seconds: [], there: [], finished: [], uplinkUse: [] };
  #showing: ReturnType<typeof setTimeout> | null = null;

  constructor(settings: LabSettings) {
    this.settings = settings;
    this.job = new LabJob({ kind: 'swarm', options: swarmOptionsOf(settings), seed: settings.seed }, (answer) => this.#take(answer));
  }

  /** The mean of what leeches have, 0–1. */
  get progress(): number {
    return this.frame === null ? 0 : this.#mean(this.frame);
  }

  /** `most`: so many leeches' own curves. */
  curves(most = Number.POSITIVE_INFINITY): Curves {
    const { seconds, there, finished, uplinkUse } = this.#curves;
    return {
      seconds: seconds.slice(),
      there: there.slice(),
      finished: finished.slice(),
      uplinkUse: uplinkUse.slice(),
      each: this.#leeches.slice(0, most).map((leech) => this.#frames.map(({ shares }) => (shares[leech] ?? 0) / full)),
    };
  }

  #mean({ shares }: Frame): number {
    return this.#leeches.reduce((sum, leech) => sum + (shares[leech] ?? 0), 0) / (full * Math.max(1, this.#leeches.length));
  }

  #note(frame: Frame): void {
    this.#frames.push(frame);
    const leeches = this.#leeches;
    this.#curves.seconds.push(frame.seconds);
    this.#curves.there.push(this.#mean(frame));
    this.#curves.finished.push(leeches.filter((leech) => frame.shares[leech] === full).length / Math.max(1, leeches.length));
    this.#curves.uplinkUse.push(frame.uplinkUse);
  }

  #take(answer: LabAnswer): void {
    if (answer.kind === 'film') {
      this.film = answer.film;
      // Poisoners have everything from the start.
      this.#leeches = answer.film.names.flatMap((name, index) => (name === 'seed' || name === 'poisoner' ? [] : [index]));
    }
    if (answer.kind === 'frame') {
      this.#note(answer.frame);
      this.#showing ??= setTimeout(() => this.#show(), showMs);
    }
    if (answer.kind !== 'result') return;
    this.result = answer.result;
    this.#show();
  }

  /** What has come so far. Drawing every frame of a fast simulation would keep the page busy. */
  #show(): void {
    if (this.#showing !== null) clearTimeout(this.#showing);
    this.#showing = null;
    this.frame = this.#frames.at(-1) ?? null;
    this.frameCount = this.#frames.length;
  }
}

/** One experiment on the page. */
export class LabExperiment {
  readonly name: string;
  readonly job: LabJob;
  progress = $state(0);
  report: Report | null = $state.raw(null);

  constructor(name: string, seeds: number) {
    this.name = name;
    this.job = new LabJob({ kind: 'experiment', name, seeds }, (answer) => this.#take(answer));
  }

  #take(answer: LabAnswer): void {
    if (answer.kind === 'progress') this.progress = answer.share;
    if (answer.kind === 'report') this.report = answer.report;
  }
}
