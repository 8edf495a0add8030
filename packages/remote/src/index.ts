export { openDriver, type OpenDriverOptions } from './driver/open-driver.ts'
