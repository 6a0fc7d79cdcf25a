-- # All processes
SELECT process_id, exe, computer, username, start_time FROM processes ORDER BY start_time DESC, process_id
-- # Processes of a program
SELECT process_id FROM processes WHERE exe = 'ember/matchmaker' ORDER BY process_id
-- # Processes that were alive within the last hour
SELECT exe, computer FROM processes WHERE last_update_time > now() - interval '1 hour' ORDER BY exe, computer
-- # Duration of processes
SELECT exe, last_update_time - start_time AS alive FROM processes ORDER BY exe, start_time
-- # Processes per computer
SELECT computer, count(*) AS n FROM processes GROUP BY computer ORDER BY n DESC, computer
-- # A version property
SELECT exe, property_get(properties, 'version') AS version FROM processes ORDER BY exe, version
-- # Parents
SELECT c.exe AS child, p.exe AS parent FROM processes c LEFT JOIN processes p ON p.process_id = c.parent_process_id ORDER BY 1, 2
-- # Streams with their tags
SELECT stream_id, tags FROM streams WHERE array_has(tags, 'log') ORDER BY stream_id
-- # Streams per process
SELECT p.exe, count(*) AS streams FROM streams s JOIN processes p USING (process_id) GROUP BY p.exe ORDER BY p.exe
-- # Formats of streams
SELECT format, count(*) AS n FROM streams GROUP BY format ORDER BY format
-- # Sizes of blocks
SELECT "processes.exe" AS exe, sum(payload_size) AS bytes, sum(nb_objects) AS objects FROM blocks GROUP BY 1 ORDER BY 1
-- # Blocks of log streams
SELECT count(*) AS n FROM blocks WHERE array_has("streams.tags", 'log')
-- # The newest blocks
SELECT b.block_id, b.begin_time, b.end_time FROM blocks AS b ORDER BY b.begin_time DESC, b.block_id LIMIT 10
-- # Processes without errors
SELECT exe FROM processes p WHERE NOT EXISTS (SELECT 1 FROM log_entries l WHERE l.process_id = p.process_id AND l.level <= 2) ORDER BY exe
-- # Processes with errors
SELECT exe FROM processes WHERE process_id IN (SELECT process_id FROM log_entries WHERE level <= 2) ORDER BY exe
-- # A join that keeps all rows of its right side
SELECT p.exe, count(l.msg) AS fatal FROM (SELECT * FROM log_entries WHERE level = 1) l RIGHT JOIN processes p ON p.process_id = l.process_id GROUP BY p.exe ORDER BY p.exe
-- # Keys of properties
SELECT DISTINCT jsonb_format_json(properties) AS text FROM processes ORDER BY text
-- # A property as a number
SELECT exe FROM processes WHERE jsonb_as_i64(jsonb_get(properties, 'build')) > 100 ORDER BY exe
-- # Numbers of properties
SELECT exe, properties_length(properties) AS keys FROM processes ORDER BY exe, keys
-- # Tables and columns
SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'public' AND table_name = 'processes' ORDER BY ordinal_position
