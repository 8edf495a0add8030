export { openDriver, type OpenDriverOptions } from './driver/open-driver.ts'
export {
  cachingDriver,
  type CachingDriver,
  type CachingOptions,
  type FileRange,
} from './driver/caching-driver.ts'
export type { TransferCount } from './transfer/copy-commits.ts'
export { fetch, type FetchedRef, type FetchOutcome, type FetchRequest } from './transfer/fetch.ts'
export { push, type PushedRef, type PushOutcome, type RefToPush } from './transfer/push.ts'
export { openRemote, type RemoteRepository } from './transfer/remote-repository.ts'
export {
  addRemote,
  findRemote,
  listRemotes,
  type Remote,
  removeRemote,
  setRemote,
} from './config/remotes.ts'
export { pushRejected, remoteUnknown } from './errors.ts'
