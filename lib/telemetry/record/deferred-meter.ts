import type {
  Attributes,
  BatchObservableCallback,
  Context,
  Counter,
  Gauge,
  Histogram,
  Meter,
  MeterOptions,
  MeterProvider,
  MetricOptions,
  Observable,
  ObservableCallback,
  UpDownCounter,
} from "@opentelemetry/api";

/** More recordings than any invocation makes; a process that nobody flushes keeps no more. */
const MAX_KEPT = 10_000;

type Scope = [name: string, version?: string, options?: MeterOptions];
/** Records with the real instrument. */
type Recording = (provider: MeterProvider) => void;

/**
 * A meter provider in front of the SDK's, which need not be loaded yet: a cold start and a response do without it. What
 * is recorded is kept and passed on in its order when a flush asks for it; nothing of the SDK's metrics goes by the time
 * of a recording.
 */
export class DeferredMeterProvider implements MeterProvider {
  #provider: MeterProvider | undefined;
  /** Observables to be made and callbacks to be registered. */
  #waiting: (() => void)[] = [];
  #recordings: Recording[] = [];
  readonly #onFull: () => void;

  /** @param onFull is asked to call {@link passOnTo} soon: more is kept than should be */
  constructor(onFull: () => void) {
    this.#onFull = onFull;
  }

  get isEmpty(): boolean {
    return this.#recordings.length === 0;
  }

  getMeter(...scope: Scope): Meter {
    return new DeferredMeter(this, scope);
  }

  /** Makes the observables there, and passes on what was recorded. */
  passOnTo(provider: MeterProvider): void {
    this.#provider = provider;
    for (const start of this.#waiting.splice(0)) start();
    this.passOn();
  }

  /** Passes on what was recorded since the last call, if there is someone to pass it on to. */
  passOn(): void {
    if (!this.#provider) return;
    const recordings = this.#recordings;
    this.#recordings = [];
    for (const record of recordings) record(this.#provider);
  }

  /** Calls `use` with the real meter of that scope, at once or when it is there. */
  withMeter(scope: Scope, use: (meter: Meter) => void): void {
    const start = () => use((this.#provider as MeterProvider).getMeter(...scope));
    if (this.#provider) start();
    else this.#waiting.push(start);
  }

  keep(recording: Recording): void {
    this.#recordings.push(recording);
    if (this.#recordings.length < MAX_KEPT) return;
    if (this.#provider) this.passOn();
    else this.#onFull();
  }
}

class DeferredMeter implements Meter {
  readonly #provider: DeferredMeterProvider;
  readonly #scope: Scope;

  constructor(provider: DeferredMeterProvider, scope: Scope) {
    this.#provider = provider;
    this.#scope = scope;
  }

  createCounter(name: string, options?: MetricOptions): Counter {
    return this.#instrument((meter) => meter.createCounter(name, options));
  }

  createUpDownCounter(name: string, options?: MetricOptions): UpDownCounter {
    return this.#instrument((meter) => meter.createUpDownCounter(name, options));
  }

  createHistogram(name: string, options?: MetricOptions): Histogram {
    return this.#instrument((meter) => meter.createHistogram(name, options));
  }

  createGauge(name: string, options?: MetricOptions): Gauge {
    return this.#instrument((meter) => meter.createGauge(name, options));
  }

  createObservableCounter(name: string, options?: MetricOptions): Observable {
    return this.#observable((meter) => meter.createObservableCounter(name, options));
  }

  createObservableUpDownCounter(name: string, options?: MetricOptions): Observable {
    return this.#observable((meter) => meter.createObservableUpDownCounter(name, options));
  }

  createObservableGauge(name: string, options?: MetricOptions): Observable {
    return this.#observable((meter) => meter.createObservableGauge(name, options));
  }

  addBatchObservableCallback(callback: BatchObservableCallback, observables: Observable[]): void {
    const real = batchOf(callback);
    this.#provider.withMeter(this.#scope, (meter) => meter.addBatchObservableCallback(real, observables.map(realOf)));
  }

  removeBatchObservableCallback(callback: BatchObservableCallback, observables: Observable[]): void {
    const real = batchOf(callback);
    this.#provider.withMeter(this.#scope, (meter) =>
      meter.removeBatchObservableCallback(real, observables.map(realOf)),
    );
  }

  #instrument(create: (meter: Meter) => Counter | UpDownCounter | Histogram | Gauge) {
    let real: ReturnType<typeof create> | undefined;
    const keep = (value: number, attributes?: Attributes, context?: Context) => {
      this.#provider.keep((provider) => {
        // With its first value: each collection goes through all instruments there are, also those without one.
        real ??= create(provider.getMeter(...this.#scope));
        if ("add" in real) real.add(value, attributes, context);
        else real.record(value, attributes, context);
      });
    };
    return { add: keep, record: keep };
  }

  #observable(create: (meter: Meter) => Observable): Observable {
    return new DeferredObservable((use) => this.#provider.withMeter(this.#scope, use), create);
  }
}

class DeferredObservable implements Observable {
  real: Observable | undefined;
  readonly #whenThere: (use: (meter: Meter) => void) => void;

  constructor(whenThere: (use: (meter: Meter) => void) => void, create: (meter: Meter) => Observable) {
    this.#whenThere = whenThere;
    whenThere((meter) => {
      this.real = create(meter);
    });
  }

  addCallback(callback: ObservableCallback): void {
    this.#whenThere(() => this.real?.addCallback(callback));
  }

  removeCallback(callback: ObservableCallback): void {
    this.#whenThere(() => this.real?.removeCallback(callback));
  }
}

/** The SDK knows its own observables alone. */
function realOf(observable: Observable): Observable {
  return observable instanceof DeferredObservable && observable.real ? observable.real : observable;
}

const BATCHES = new WeakMap<BatchObservableCallback, BatchObservableCallback>();

/** The same callback, which observes the SDK's own. */
function batchOf(callback: BatchObservableCallback): BatchObservableCallback {
  const known = BATCHES.get(callback);
  if (known) return known;
  const real: BatchObservableCallback = (result) =>
    callback({ observe: (observable, value, attributes) => result.observe(realOf(observable), value, attributes) });
  BATCHES.set(callback, real);
  return real;
}
