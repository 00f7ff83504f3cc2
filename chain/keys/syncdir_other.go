//go:build !unix

package keys

// syncDir does nothing where a folder cannot be synced: the file system orders
// renames by itself there.
func syncDir(string) error { return nil }
