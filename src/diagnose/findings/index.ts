import type { FindingRow } from '../finding.ts';
import { relayListFindings } from './relay-lists.ts';

/** Every finding. Among findings of one gravity this order decides: what a session meets first comes first. */
export const findings: readonly FindingRow[] = [...relayListFindings];
