/** Problems and doubts, collected while saved settings are read: the reader corrects them in one go. */
export class Findings {
  readonly problems: string[] = [];
  readonly warnings: string[] = [];

  /** Notes what is wrong with a field, if anything is. @param label As the form calls it. */
  check(label: string, problem: string | undefined): void {
    if (problem !== undefined) {
      this.problems.push(`${label}: ${problem}`);
    }
  }

  /** Notes what may be wrong with a field. */
  doubt(label: string, doubt: string | undefined): void {
    if (doubt !== undefined) {
      this.warnings.push(`${label}: ${doubt}`);
    }
  }
}
