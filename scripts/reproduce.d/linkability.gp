# Draws linkability.dat, which scripts/reproduce makes of a linkability.csv:
# the share of clients that each adversary finds, by arm.
# SPDX-License-Identifier: GPL-2.0-or-later
#
# gnuplot -e "dir='DIR'" linkability.gp writes DIR/linkability.svg.
reset
data = dir.'/linkability.dat'
set terminal svg size 560,340 dynamic font 'sans-serif,13' name 'linkability'
set output dir.'/linkability.svg'
set encoding utf8
set style data histograms
set style histogram errorbars gap 2 lw 1
set style fill solid 0.9 noborder
set boxwidth 1
set errorbars 0.4 lc rgb '#000000' lw 1
set border 3 lc rgb '#404040'
set tics nomirror scale 0.5
set grid y lc rgb '#e0e0e0' lt 1
set yrange [0:1.05]
set ylabel 'share of clients found'
set xtics rotate by 25 right
set key outside top center horizontal reverse Left maxrows 1
what = '"A0: identifiers" "A1: and times" "A2: and sizes" "A3: learned"'
colours = '#999999 #56B4E9 #0072B2 #D55E00'
plot for [i = 0:3] data using 3*i+2:3*i+3:3*i+4:xtic(1) \
  title word(what, i + 1) \
  lc rgb word(colours, i + 1)
