export { pushRuns } from './transfer/push-runs.ts'
export { openDriver, type OpenDriverOptions } from './driver/open-driver.ts'
export {
  cachingDriver,
  type CachingDriver,
  type CachingOptions,
  type FileRange,
} from './driver/caching-driver.ts'
export { checkRemote, type CheckRemoteOptions, type RemoteCheck } from './driver/check-remote.ts'
export {
  probeConditionalWrites,
  type ConditionalWrites,
} from './driver/probe-conditional-writes.ts'
export { bringBlobs } from './transfer/bring-blobs.ts'
export type { TransferCount } from './transfer/copy-commits.ts'
export { fetch, type FetchedRef, type FetchOutcome, type FetchRequest } from './transfer/fetch.ts'
export { push, type PushedRef, type PushOutcome, type RefToPush } from './transfer/push.ts'
export { openRemote, type RemoteRepository } from './transfer/remote-repository.ts'
export {
  addRemote,
  checkNewRemote,
  findRemote,
  listRemotes,
  type Remote,
  removeRemote,
  setRemote,
} from './config/remotes.ts'
export { mediaUnavailable, pushRejected, remoteOptionInvalid, remoteUnknown } from './errors.ts'
export { httpDriver, type HttpDriverOptions } from './driver/http/http-driver.ts'
export { defaultTokenFile, serveRepository, type ServeOptions } from './serve/serve-repository.ts'
export type { AccessEntry, RunningServer, StorageServerOptions } from './serve/storage-server.ts'
export { isRights, type Rights } from './serve/rights.ts'
export { addToken, readTokens, removeToken, type ServeToken } from './serve/token-file.ts'
export { openDvcRegistry, type OpenDvcRegistryOptions } from './dvc/open-dvc-registry.ts'
export type { DvcFile, DvcLeftOut, DvcRegistry, ResolveOptions } from './dvc/dvc-registry.ts'
export type {
  DvcEntry,
  DvcHash,
  DvcImport,
  DvcOut,
  DvcRecipe,
  DvcRecorded,
  SkippedOut,
} from './dvc/dvc-out.ts'
export type { YamlJson } from './dvc/parse-yaml.ts'
export {
  exportDvc,
  type ExportDvcOptions,
  type ExportedFile,
  type ExportedOutput,
} from './dvc/export-dvc.ts'
export {
  type ExportedRevision,
  type ExportLeftOut,
  exportRevision,
  type ExportRevisionRequest,
} from './dvc/export-revision.ts'
export { dirMd5 } from './dvc/dir-object.ts'
export { md5Check } from './dvc/dvc-md5.ts'
export { visitInParallel } from './dvc/visit-in-parallel.ts'
export type { Environment, OpenStorage } from './dvc/registry-storages.ts'
export type { DvcStorageAddress } from './dvc/dvc-storage.ts'

export { type CommitImport, commitImports } from './registry/commit-imports.ts'
export { importsInvalid } from './errors.ts'
export {
  type Import,
  IMPORTS_FILE,
  importsFromJson,
  importsToJson,
  parseImports,
  readImports,
} from './registry/imports-file.ts'
export { importFrom, type ImportRequest, type ImportResult } from './registry/import-from.ts'
export { type UpdatedImport, updateImports, type UpdateRequest } from './registry/update-imports.ts'
export { remoteRevision } from './registry/remote-revision.ts'
export { dsvSource } from './registry/dsv-source.ts'
export { dvcSource } from './registry/dvc-source.ts'
export { selectPart } from './registry/select-part.ts'
export { registryKind } from './registry/registry-kind.ts'
export {
  writeDvcFiles,
  type WriteDvcRequest,
  type WrittenDvcFiles,
} from './registry/write-dvc-files.ts'
export { withPartRepository } from './registry/with-part-repository.ts'
export { gitEnvironment } from './git/git-environment.ts'
export type {
  CopiedPart,
  ImportSource,
  PartRequest,
  RegistryKind,
  SourceFiles,
} from './registry/import-source.ts'

export {
  type FollowedLink,
  followGitLink,
  type LinkedMerge,
  mergeLinkedCommits,
} from './git/follow-link.ts'
export {
  decodeGitLink,
  encodeGitLink,
  type GitLink,
  gitLinkFile,
  gitLinkText,
  type GitSync,
  LINK_ENDING,
  linkHead,
  type LinkMerge,
  mergeGitLinks,
  planGitSync,
  readGitLink,
  writeGitLink,
} from './git/link.ts'
export { optionsForAll } from './driver/recorded-options.ts'
