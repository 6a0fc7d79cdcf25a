/** The entry of a query type in the table of `view-request.ts`. */
import { type GenericSchema } from 'valibot';

/** What frontend and backend share about the queries of a type. */
export interface QueryType<Request extends object> {
  /** Name of the type in a message about an invalid request. */
  label: string;
  schema: GenericSchema<unknown, Request>;
  /** Fields of a request that are kept even if they are empty, because the type of the request requires them. */
  required: ReadonlyArray<keyof Request>;
  /** True if the request can run. False if it lacks a required value, such as the process. */
  hasInput: (request: Request) => boolean;
  /** The request that runs if the query has a value in the field `query`, too. Default: the request. */
  withSql?: (request: Request, query: unknown) => Request;
}
