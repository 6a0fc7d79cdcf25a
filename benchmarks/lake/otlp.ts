/** Encodes log lines and measures as requests of OTLP over HTTP, fast enough for millions of them. */
import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';

/** The program that sends the telemetry. */
export interface Sender {
  name: string;
  instance: string;
  host: string;
}

export interface SentLine {
  timeNs: bigint;
  /** OpenTelemetry's severity number. */
  severity: number;
  body: string;
}

export interface SentMeasure {
  timeNs: bigint;
  name: string;
  value: number;
}

/** Writes a field whose value is a message. */
function message(writer: BinaryWriter, field: number, write: (inner: BinaryWriter) => void): void {
  writer.tag(field, WireType.LengthDelimited).fork();
  write(writer);
  writer.join();
}

function attribute(writer: BinaryWriter, field: number, key: string, content: string): void {
  message(writer, field, (entry) => {
    entry.tag(1, WireType.LengthDelimited).string(key);
    message(entry, 2, (value) => value.tag(1, WireType.LengthDelimited).string(content));
  });
}

/** A request with one resource and one scope. @param writeItems Writes the items of the scope, in its field 2. */
function request(
  sender: Sender,
  scope: string,
  writeItems: (scopeItems: BinaryWriter) => void
): Uint8Array<ArrayBuffer> {
  const writer = new BinaryWriter();
  message(writer, 1, (resource) => {
    message(resource, 1, (attributes) => {
      attribute(attributes, 1, 'service.namespace', 'bench');
      attribute(attributes, 1, 'service.name', sender.name);
      attribute(attributes, 1, 'service.instance.id', sender.instance);
      attribute(attributes, 1, 'host.name', sender.host);
    });
    message(resource, 2, (scopeItems) => {
      message(scopeItems, 1, (name) => name.tag(1, WireType.LengthDelimited).string(scope));
      writeItems(scopeItems);
    });
  });
  return writer.finish();
}

/** A request of `/ingestion/otlp/v1/logs`. */
export function logsRequest(sender: Sender, scope: string, lines: readonly SentLine[]): Uint8Array<ArrayBuffer> {
  return request(sender, scope, (items) => {
    for (const { timeNs, severity, body } of lines) {
      message(items, 2, (record) => {
        record.tag(1, WireType.Bit64).fixed64(timeNs);
        record.tag(2, WireType.Varint).int32(severity);
        message(record, 5, (value) => value.tag(1, WireType.LengthDelimited).string(body));
        record.tag(11, WireType.Bit64).fixed64(timeNs);
      });
    }
  });
}

/** A request of `/ingestion/otlp/v1/metrics`: one gauge for each measure. */
export function measuresRequest(
  sender: Sender,
  scope: string,
  measures: readonly SentMeasure[]
): Uint8Array<ArrayBuffer> {
  return request(sender, scope, (items) => {
    for (const { timeNs, name, value } of measures) {
      message(items, 2, (metric) => {
        metric.tag(1, WireType.LengthDelimited).string(name);
        metric.tag(3, WireType.LengthDelimited).string('ms');
        message(metric, 5, (gauge) =>
          message(gauge, 1, (point) => {
            point.tag(3, WireType.Bit64).fixed64(timeNs);
            point.tag(4, WireType.Bit64).double(value);
          })
        );
      });
    }
  });
}
