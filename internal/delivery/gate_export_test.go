package delivery

import "context"

// ReleaseOnly does what a pump does whose process is killed before it tells the queue.
func ReleaseOnly(ctx context.Context, s *Store, endpointID string) ([]string, error) {
	ids, _, err := s.release(ctx, endpointID, false)
	return ids, err
}
