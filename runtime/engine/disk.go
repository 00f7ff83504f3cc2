package main

import (
	"errors"
	"io/fs"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// maxFiles bounds the files and folders that a job may have in the folders it was
// given: more take too long to count, and a file without content takes room too.
const maxFiles = 100_000

var errEnough = errors.New("enough was counted")

// diskOf adds up what folders take on the disk. It follows no links, and stops
// at maxFiles. What it cannot look at counts nothing.
func diskOf(folders []string) (used int64, files int) {
	for _, folder := range folders {
		err := filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error {
			if err != nil {
				return nil // deleted while we look
			}
			if files++; files > maxFiles {
				return errEnough
			}
			var st unix.Stat_t
			if unix.Lstat(path, &st) == nil {
				used += st.Blocks * 512
			}
			return nil
		})
		if err != nil {
			break
		}
	}
	return used, files
}
