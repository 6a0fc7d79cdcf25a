import { type Lab } from '../lab';

/** A case of `npm run bench:lake`. */
export interface LakeCase {
  name: string;
  /**
   * Measures with `lab.measure`. Labels begin with what is compared: the costs of `X on` are compared with those of `X
   * off`.
   */
  run(lab: Lab): Promise<void>;
}
