package trace

import (
	"cmp"
	"slices"
)

const (
	treeDepth = 40 // from here on a node is halved, so that a path fits treeStack
	treeStack = 64
	leafSize  = 4
)

// tree finds the shapes near a ray: a binary tree of bounding boxes, cut where
// the surface area heuristic expects the least work.
type tree struct{ nodes []node }

type node struct {
	low, high vec
	first     int32 // leaf: its first shape; inner: its right child (the left one follows it)
	count     int32 // leaf: how many shapes; inner: 0
	axis      uint8
}

// bounded is a shape on its way into the tree.
type bounded struct {
	shape             shape
	low, high, centre vec
}

func (a vec) on(axis int) float64 {
	switch axis {
	case 0:
		return a.x
	case 1:
		return a.y
	default:
		return a.z
	}
}

func joined(lowA, highA, lowB, highB vec) (low, high vec) {
	return vec{min(lowA.x, lowB.x), min(lowA.y, lowB.y), min(lowA.z, lowB.z)},
		vec{max(highA.x, highB.x), max(highA.y, highB.y), max(highA.z, highB.z)}
}

func area(low, high vec) float64 {
	d := high.sub(low)
	return float64(d.x*d.y) + float64(d.y*d.z) + float64(d.z*d.x)
}

// grow builds the tree and reorders shapes to match it.
func grow(shapes []shape) tree {
	var t tree
	if len(shapes) == 0 {
		return t
	}
	all := make([]bounded, len(shapes))
	for i, s := range shapes {
		low, high := s.bounds()
		all[i] = bounded{s, low, high, low.add(high).scale(0.5)}
	}
	t.branch(all, 0, 0)
	for i := range all {
		shapes[i] = all[i].shape
	}
	return t
}

// branch adds the node over part, whose first shape has the index first.
func (t *tree) branch(part []bounded, first, depth int) {
	me := len(t.nodes)
	n := node{low: part[0].low, high: part[0].high}
	from, to := part[0].centre, part[0].centre
	for i := range part {
		n.low, n.high = joined(n.low, n.high, part[i].low, part[i].high)
		from, to = joined(from, to, part[i].centre, part[i].centre)
	}
	spread := to.sub(from)
	axis := 0
	for i := 1; i < 3; i++ {
		if spread.on(i) > spread.on(axis) {
			axis = i
		}
	}
	n.axis = uint8(axis)
	t.nodes = append(t.nodes, n)
	if len(part) <= leafSize || !(spread.on(axis) > 0) && len(part) <= 64 {
		t.nodes[me].first, t.nodes[me].count = int32(first), int32(len(part))
		return
	}
	slices.SortStableFunc(part, func(a, b bounded) int {
		return cmp.Compare(a.centre.on(axis), b.centre.on(axis))
	})
	cut := len(part) / 2
	if depth < treeDepth {
		cut = cheapestCut(part)
	}
	t.branch(part[:cut], first, depth+1)
	t.nodes[me].first = int32(len(t.nodes))
	t.branch(part[cut:], first+cut, depth+1)
}

// cheapestCut returns how many of the sorted shapes go left.
func cheapestCut(part []bounded) int {
	right := make([]float64, len(part))
	last := part[len(part)-1]
	low, high := last.low, last.high
	for i := len(part) - 1; i > 0; i-- {
		low, high = joined(low, high, part[i].low, part[i].high)
		right[i] = float64(area(low, high) * float64(len(part)-i))
	}
	best, cut := 0.0, 0
	low, high = part[0].low, part[0].high
	for i := 1; i < len(part); i++ {
		low, high = joined(low, high, part[i-1].low, part[i-1].high)
		cost := float64(area(low, high)*float64(i)) + right[i]
		if cut == 0 || cost < best {
			best, cut = cost, i
		}
	}
	return cut
}

// touches says whether the ray meets the node's box before far.
func (n *node) touches(r *ray, far float64) bool {
	a, b := float64((n.low.x-r.from.x)*r.inv.x), float64((n.high.x-r.from.x)*r.inv.x)
	if a > b {
		a, b = b, a
	}
	in, out := 0.0, far
	if a > in {
		in = a
	}
	if b < out {
		out = b
	}
	a, b = float64((n.low.y-r.from.y)*r.inv.y), float64((n.high.y-r.from.y)*r.inv.y)
	if a > b {
		a, b = b, a
	}
	if a > in {
		in = a
	}
	if b < out {
		out = b
	}
	a, b = float64((n.low.z-r.from.z)*r.inv.z), float64((n.high.z-r.from.z)*r.inv.z)
	if a > b {
		a, b = b, a
	}
	if a > in {
		in = a
	}
	if b < out {
		out = b
	}
	return in <= out
}

// meet returns the nearest shape that the ray meets in (near, far), and where;
// its index is −1 when there is none.
func (t *tree) meet(shapes []shape, r *ray, near, far float64) (int, float64) {
	found := -1
	if len(t.nodes) == 0 {
		return found, far
	}
	var stack [treeStack]int32
	depth, at := 0, int32(0)
	for {
		n := &t.nodes[at]
		if n.touches(r, far) {
			if n.count == 0 {
				nearer, other := at+1, n.first
				if r.dir.on(int(n.axis)) < 0 {
					nearer, other = other, nearer
				}
				stack[depth] = other
				depth++
				at = nearer
				continue
			}
			for i := n.first; i < n.first+n.count; i++ {
				if d, ok := shapes[i].meet(r, near, far); ok {
					found, far = int(i), d
				}
			}
		}
		if depth == 0 {
			return found, far
		}
		depth--
		at = stack[depth]
	}
}
