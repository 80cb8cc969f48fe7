export {
  decodeHappo,
  decodeHatrpo,
  decodeIppo,
  decodeMappo,
  decodePpo,
  decodeTrpo,
  happoSettings,
  hatrpoSettings,
  ippoSettings,
  mappoSettings,
  ppoSettings,
  trpoSettings,
} from './settings.js';
export type { PpoConfig, TrpoConfig } from './settings.js';
