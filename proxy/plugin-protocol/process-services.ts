/**
 * What Grafana's plugin client (hashicorp/go-plugin) asks of the process itself.
 *
 * The streams of stdio and broker carry nothing here. They are kept open all the same: a gRPC client closes a connection
 * on which no call has run for half an hour, and the end of its only connection tells the proxy that Grafana is gone.
 */
import { Health, HealthCheckResponse_ServingStatus } from '../generated/grpc/health/v1/health_pb';
import { GRPCBroker, GRPCController, GRPCStdio } from '../generated/plugin/process_pb';
import { openEnded, unary, type GrpcMethod } from './grpc-method';
import { GrpcError, GrpcStatus } from './grpc-status';

/** The server as a whole, and the name under which go-plugin asks. */
const HEALTHY = new Set(['', 'plugin']);

export interface ProcessServicesOptions {
  /** Asked to end the process. The answer to Grafana goes out whatever it does. */
  onShutdown: () => void;
}

export function processServices({ onShutdown }: ProcessServicesOptions): GrpcMethod[] {
  return [
    unary(Health.method.check, ({ service }) => {
      if (!HEALTHY.has(service)) {
        throw new GrpcError(GrpcStatus.NOT_FOUND, `There is no service "${service}" to check.`);
      }
      return { status: HealthCheckResponse_ServingStatus.SERVING };
    }),
    openEnded(GRPCStdio.method.streamStdio),
    openEnded(GRPCBroker.method.startStream),
    unary(GRPCController.method.shutdown, () => {
      onShutdown();
      return {};
    }),
  ];
}
