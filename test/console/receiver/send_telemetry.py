"""Sends a trace with everything that a span can have, and a metric of every kind of instrument, to the endpoint of the environment."""

import sys

from opentelemetry import trace
from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.metrics import Observation
from opentelemetry.sdk.metrics import Histogram, MeterProvider
from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader
from opentelemetry.sdk.metrics.view import ExponentialBucketHistogramAggregation, View
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import SpanKind, Status, StatusCode

resource = Resource.create({"service.name": "python", "service.version": "1.2"})
spans = int(sys.argv[1])

tracing = TracerProvider(resource=resource)
tracing.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(), max_export_batch_size=100))
tracer = tracing.get_tracer("judge", "3.4")

with tracer.start_as_current_span("linked") as linked:
    pass

start = 1_700_000_000_123_456_789
attributes = {
    "text": "Grüße, 世界 🌍",
    "empty": "",
    "yes": True,
    "no": False,
    "zero": 0,
    "negative": -5,
    "big": 2**62,
    "double": 1.5,
    "whole": 2.0,
    "texts": ["a", "b"],
    "numbers": [1, 2, 3],
    "flags": [True, False],
    "doubles": [0.5, 1.0],
}
root = tracer.start_span("root", kind=SpanKind.SERVER, attributes=attributes, start_time=start, links=[trace.Link(linked.get_span_context(), {"why": "before"})])
context = trace.set_span_in_context(root)
child = tracer.start_span("child", context=context, kind=SpanKind.CLIENT, start_time=start + 1_000_000)
child.add_event("retry", {"attempt": 2}, timestamp=start + 1_500_000)
try:
    raise ValueError("no such thing")
except ValueError as error:
    child.record_exception(error)
child.set_status(Status(StatusCode.ERROR, "it failed"))
child.end(end_time=start + 2_000_000)
root.set_status(Status(StatusCode.OK))
root.end(end_time=start + 3_000_001)
for number in range(spans):
    tracer.start_span(f"many-{number}", context=context).end()

print(format(root.get_span_context().trace_id, "032x"))
if not tracing.force_flush():
    sys.exit("the spans were not delivered")
tracing.shutdown()

exponential = View(instrument_name="exponential", instrument_type=Histogram, aggregation=ExponentialBucketHistogramAggregation())
reader = PeriodicExportingMetricReader(OTLPMetricExporter(), export_interval_millis=3_600_000)
metering = MeterProvider(resource=resource, metric_readers=[reader], views=[exponential])
meter = metering.get_meter("judge", "3.4")

meter.create_counter("counter", unit="{call}", description="Calls.").add(3, {"route": "/"})
meter.create_up_down_counter("up_down").add(-2)
meter.create_gauge("gauge").set(1.25)
histogram = meter.create_histogram("histogram", unit="s", explicit_bucket_boundaries_advisory=[1, 10])
for value in [0.5, 5, 50]:
    histogram.record(value)
exponent = meter.create_histogram("exponential")
for value in [0, 1, 2, 4]:
    exponent.record(value)


def observe(value):
    return lambda _options: [Observation(value, {"cpu": 0})]


meter.create_observable_counter("observed_counter", callbacks=[observe(7)])
meter.create_observable_up_down_counter("observed_up_down", callbacks=[observe(-7)])
meter.create_observable_gauge("observed_gauge", callbacks=[observe(0.5)])
if not metering.force_flush():
    sys.exit("the metrics were not delivered")
metering.shutdown()
