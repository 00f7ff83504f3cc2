package market

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// FormatCPUs writes thousandths of a core as cores: 500 is "0.5".
func FormatCPUs(milli int64) string {
	return strconv.FormatFloat(float64(milli)/1000, 'f', -1, 64)
}

// FormatAmount writes an amount for people with at most 6 decimals, rounded up:
// what it shows is never less than what is meant.
func FormatAmount(a Amount) string {
	const step = 1_000_000_000_000
	up, err := a.MulDiv(1, step)
	if err != nil {
		return a.String()
	}
	if back, err := up.MulDiv(step, 1); err == nil && back != a {
		up, _ = up.Add(Atto(1)) // far below the largest amount
	}
	if up, err = up.MulDiv(step, 1); err != nil {
		return a.String()
	}
	return up.String()
}

// FormatBytes writes a size for people, rounded down to at most one decimal:
// "512 MiB", "1.5 GiB".
func FormatBytes(n int64) string {
	if n < 0 {
		return strconv.FormatInt(n, 10) + " B"
	}
	units := []string{"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"}
	shift, i := 0, 0
	for n>>(shift+10) > 0 && i < len(units)-1 {
		shift += 10
		i++
	}
	s := strconv.FormatInt(n>>shift, 10)
	if shift > 0 {
		if tenth := (n & (1<<shift - 1)) >> (shift - 10) * 10 >> 10; tenth > 0 {
			s += "." + strconv.FormatInt(tenth, 10)
		}
	}
	return s + " " + units[i]
}

// FormatDuration writes a time for people with at most two units: "0.3 s",
// "12 s", "1 min 30 s", "2 h 5 min", "3 d 4 h".
func FormatDuration(d time.Duration) string {
	if d < 0 {
		return "-" + FormatDuration(-max(d, -MaxDuration))
	}
	if d < 10*time.Second {
		tenths := d.Round(100*time.Millisecond) / (100 * time.Millisecond)
		if tenths%10 == 0 {
			return fmt.Sprintf("%d s", tenths/10)
		}
		return fmt.Sprintf("%d.%d s", tenths/10, tenths%10)
	}
	units := []struct {
		size time.Duration
		name string
	}{{24 * time.Hour, "d"}, {time.Hour, "h"}, {time.Minute, "min"}, {time.Second, "s"}}
	d = d.Round(time.Second)
	for i, u := range units {
		if d < u.size {
			continue
		}
		out := []string{fmt.Sprintf("%d %s", d/u.size, u.name)}
		if i+1 < len(units) {
			if rest := d % u.size / units[i+1].size; rest > 0 {
				out = append(out, fmt.Sprintf("%d %s", rest, units[i+1].name))
			}
		}
		return strings.Join(out, " ")
	}
	return "0 s"
}
