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

/** More recordings than any invocation makes; a process that is never flushed keeps no more. */
const MAX_DEFERRED = 10_000;

type Scope = [name: string, version?: string, options?: MeterOptions];
/** Records with the SDK's instrument. */
type Recording = (provider: MeterProvider) => void;

/**
 * A meter provider in front of the SDK's, which is loaded later: a cold start and a response do not wait for it.
 * Recordings are deferred, and replayed in their order when a flush asks for it; the SDK's metrics do not depend on the
 * time of a recording.
 */
export class DeferredMeterProvider implements MeterProvider {
  #provider: MeterProvider | undefined;
  /** Observables to create and callbacks to register. */
  #deferredSetup: (() => void)[] = [];
  #recordings: Recording[] = [];
  readonly #onFull: () => void;

  /** @param onFull should call {@link connect} soon: too many recordings are deferred */
  constructor(onFull: () => void) {
    this.#onFull = onFull;
  }

  get isEmpty(): boolean {
    return this.#recordings.length === 0;
  }

  getMeter(...scope: Scope): Meter {
    return new DeferredMeter(this, scope);
  }

  /** Creates the observables with the SDK's provider, and replays what was recorded. */
  connect(provider: MeterProvider): void {
    this.#provider = provider;
    for (const start of this.#deferredSetup.splice(0)) start();
    this.replay();
  }

  /** Replays what was recorded since the last call; does nothing before {@link connect}. */
  replay(): void {
    if (!this.#provider) return;
    const recordings = this.#recordings;
    this.#recordings = [];
    for (const record of recordings) record(this.#provider);
  }

  /** Calls `use` with the SDK's meter of that scope, at once or after {@link connect}. */
  withMeter(scope: Scope, use: (meter: Meter) => void): void {
    const start = () => use((this.#provider as MeterProvider).getMeter(...scope));
    if (this.#provider) start();
    else this.#deferredSetup.push(start);
  }

  defer(recording: Recording): void {
    this.#recordings.push(recording);
    if (this.#recordings.length < MAX_DEFERRED) return;
    if (this.#provider) this.replay();
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
    const record = (value: number, attributes?: Attributes, context?: Context) => {
      this.#provider.defer((provider) => {
        // Created with its first value: a collection visits every instrument, with or without values.
        real ??= create(provider.getMeter(...this.#scope));
        if ("add" in real) real.add(value, attributes, context);
        else real.record(value, attributes, context);
      });
    };
    return { add: record, record };
  }

  #observable(create: (meter: Meter) => Observable): Observable {
    return new DeferredObservable((use) => this.#provider.withMeter(this.#scope, use), create);
  }
}

class DeferredObservable implements Observable {
  real: Observable | undefined;
  readonly #whenConnected: (use: (meter: Meter) => void) => void;

  constructor(whenConnected: (use: (meter: Meter) => void) => void, create: (meter: Meter) => Observable) {
    this.#whenConnected = whenConnected;
    whenConnected((meter) => {
      this.real = create(meter);
    });
  }

  addCallback(callback: ObservableCallback): void {
    this.#whenConnected(() => this.real?.addCallback(callback));
  }

  removeCallback(callback: ObservableCallback): void {
    this.#whenConnected(() => this.real?.removeCallback(callback));
  }
}

/** The SDK only accepts its own observables. */
function realOf(observable: Observable): Observable {
  return observable instanceof DeferredObservable && observable.real ? observable.real : observable;
}

const BATCHES = new WeakMap<BatchObservableCallback, BatchObservableCallback>();

/** The same callback, observing the SDK's observables. */
function batchOf(callback: BatchObservableCallback): BatchObservableCallback {
  const known = BATCHES.get(callback);
  if (known) return known;
  const real: BatchObservableCallback = (result) =>
    callback({ observe: (observable, value, attributes) => result.observe(realOf(observable), value, attributes) });
  BATCHES.set(callback, real);
  return real;
}
