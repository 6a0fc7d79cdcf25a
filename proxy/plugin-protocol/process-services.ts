/**
 * What Grafana's plugin client (hashicorp/go-plugin) asks of the process itself.
 *
 * The streams of stdio and broker carry nothing here. They are kept open all the same: a gRPC client closes a connection
 * on which no call has run for half an hour, and the end of its only connection tells the proxy that Grafana is gone.
 */
import { Status } from '../grpc';
import { encodeEnum } from './encode-answers';
import { openEnded, unary, type GrpcMethod } from './grpc-method';
import { GrpcError } from './grpc-error';
import { anyRequest, HEALTH_CHECK_REQUEST } from './read-requests';

/** `HealthCheckResponse`: its field for the status, and what stands there. */
const STATUS = 1;
const SERVING = 1;

/** The server as a whole, and the name under which go-plugin asks. */
const HEALTHY = new Set(['', 'plugin']);

export interface ProcessServicesOptions {
  /** Asked to end the process. The answer to Grafana goes out whatever it does. */
  onShutdown: () => void;
}

export function processServices({ onShutdown }: ProcessServicesOptions): GrpcMethod[] {
  return [
    unary('/grpc.health.v1.Health/Check', HEALTH_CHECK_REQUEST, (service) => {
      if (!HEALTHY.has(service)) {
        throw new GrpcError(Status.NOT_FOUND, `There is no service "${service}" to check.`);
      }
      return encodeEnum(STATUS, SERVING);
    }),
    openEnded('/plugin.GRPCStdio/StreamStdio'),
    openEnded('/plugin.GRPCBroker/StartStream'),
    unary('/plugin.GRPCController/Shutdown', anyRequest('plugin.Empty'), () => {
      onShutdown();
      return [];
    }),
  ];
}
