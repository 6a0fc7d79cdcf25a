/** Problems of switches (on or off) whose saved value means neither on nor off. */
import { message, type Message } from '../messages/message';
import { ignoresUnknownValue, isUnknownSwitch, type SwitchName } from '../settings/saved-values';
import { savedSwitch } from '../settings/saved-word';

export interface SwitchFindings {
  /** Set if the data source rejects queries because of the value. */
  problem?: Message;
  /** Set if the data source uses the default in place of the value. */
  warning?: Message;
}

/**
 * The problem or the warning for a switch with an unknown value.
 *
 * @param isUsed False if the switch has no effect in this data source. The function then returns a warning.
 */
export function unknownSwitchFindings(name: SwitchName, isUsed = true): SwitchFindings {
  return ignoresUnknownValue(name) || !isUsed
    ? { warning: message('switch-ignored', { setting: name }) }
    : { problem: message('switch-unknown', { setting: name }) };
}

/**
 * The saved value of a switch. For a missing value, the fallback. For an unknown value, the fallback with a problem or
 * a warning.
 *
 * @param saved `jsonData`.
 */
export function readSwitch(name: SwitchName, saved: object, fallback: boolean): SwitchFindings & { value: boolean } {
  return {
    value: savedSwitch(Reflect.get(saved, name)) ?? fallback,
    ...(isUnknownSwitch(saved, name) && unknownSwitchFindings(name)),
  };
}
