-- # The slowest spans
SELECT name, duration, status FROM view_instance('otel_spans', '$trace_process') ORDER BY duration DESC, name LIMIT 20
-- # Failed spans
SELECT name, status_message FROM view_instance('otel_spans', '$trace_process') WHERE status = 'ERROR' LIMIT 20
-- # Spans per name
SELECT name, kind, count(*) AS n, avg(duration) AS average FROM view_instance('otel_spans', '$trace_process') AS s GROUP BY name, kind ORDER BY name, kind
-- # Ids of traces as text
SELECT encode(trace_id, 'hex') AS trace FROM view_instance('otel_spans', '$trace_process') ORDER BY start_time, name LIMIT 5
-- # Children with their parents
SELECT c.name AS child, p.name AS parent FROM view_instance('otel_spans', '$trace_process') AS c JOIN view_instance('otel_spans', '$trace_process') AS p ON c.parent_span_id = p.span_id LIMIT 20
-- # Spans over time
SELECT date_bin(interval '1 minute', start_time) AS time, count(*) AS spans FROM view_instance('otel_spans', '$trace_process') GROUP BY 1 ORDER BY 1
-- # A property of spans
SELECT property_get(properties, 'region') AS region, max(duration) AS slowest FROM view_instance('otel_spans', '$trace_process') GROUP BY 1 ORDER BY 1
-- # Calls of a thread [demo data only]
SELECT name, "begin", "end", duration FROM view_instance('thread_spans', '$cpu_stream') ORDER BY "begin", depth LIMIT 20
-- # Time per function [demo data only]
SELECT name, sum(duration) AS total FROM view_instance('thread_spans', '$cpu_stream') GROUP BY name ORDER BY total DESC
-- # Frames that took too long [demo data only]
SELECT count(*) AS n FROM view_instance('thread_spans', '$cpu_stream') WHERE name = 'frame' AND duration > 16000000
-- # Pairs of asynchronous events [demo data only]
SELECT b.name, e.time - b.time AS took FROM view_instance('async_events', '$cpu_process') b JOIN view_instance('async_events', '$cpu_process') e ON b.span_id = e.span_id AND b.event_type = 'begin' AND e.event_type = 'end' ORDER BY b.time LIMIT 10
