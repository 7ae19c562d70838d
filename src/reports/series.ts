import { DAY_MS, HOUR_MS, type Span } from './hours.ts'
import type { Bucket } from './report-request.ts'

/** SQL: the start of the bucket that `at` lies in (UTC). */
export function bucketSql(bucket: Bucket): string {
  return `date_bin('1 ${bucket}', at, 'epoch')`
}

/** The starts of all buckets that a span touches (UTC), in order: a point for each, also where nothing came. */
export function bucketStarts({ from, to }: Span, bucket: Bucket): number[] {
  const length = bucket === 'hour' ? HOUR_MS : DAY_MS
  const first = Math.floor(from / length) * length
  return Array.from({ length: Math.ceil((to - first) / length) }, (_, index) => first + index * length)
}
