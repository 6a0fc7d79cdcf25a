import { type Lab } from '../lab';

/** A case of `npm run bench:lake`. */
export interface LakeCase {
  name: string;
  /**
   * Measures with `lab.measure`. Labels contain `on` or `off`: the costs of `X on` are compared with the costs of `X
   * off`.
   */
  run(lab: Lab): Promise<void>;
}
